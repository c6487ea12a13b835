/**
 * The wire codec: Kafka's generated messages read from and written to Netty buffers, and nothing
 * else. This is the one package that imports kafka-clients' protocol and record internals (they are
 * no public API and have moved between releases), so a new Kafka release is met here alone.
 *
 * <p>Inbound, {@link io.penstock.client.wire.ApiCodec} turns a frame into a {@link
 * io.penstock.client.wire.RequestFrame} whose record bytes stay where the socket put them; {@code
 * ByteBufReadable} checks every length against the bytes left and charges every object against
 * {@link io.penstock.client.wire.FrameLimits} before it is allocated. Outbound, {@code
 * ByteBufWritable} puts everything but record bytes into one exactly sized buffer and keeps the
 * {@link io.penstock.client.wire.FileRange}s between its pieces, in wire order: a {@link
 * io.penstock.client.wire.ResponseFrame}. {@link io.penstock.client.wire.WireRecords} is the
 * doorway through which handlers take record bytes out and put file ranges in, and {@link
 * io.penstock.client.wire.RecordTimestamps} the only place where a batch is ever decompressed.
 */
@NullMarked
package io.penstock.client.wire;

import org.jspecify.annotations.NullMarked;

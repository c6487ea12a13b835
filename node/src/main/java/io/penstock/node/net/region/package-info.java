/**
 * How the bytes of a response reach the socket. {@link io.penstock.node.net.region.ResponseRegion}
 * is one response, header bytes and file ranges in wire order; Netty calls its {@code transferTo}
 * whenever the socket takes bytes. {@link io.penstock.node.net.region.RegionSender}, one per event
 * loop, moves them by {@code send}, {@code sendfile} and {@code splice}. No byte of a file range
 * enters the process on that way. Where the socket's descriptor cannot be had (NIO), a region
 * copies its ranges through the channel instead.
 *
 * <p><b>What may be changed</b>, with a measurement by {@code RegionBenchmark}: from which size on
 * ranges are spliced ({@code RegionSender.SPLICE_ALONE_FROM_BYTES}, {@code SPLICE_FROM_BYTES}); the
 * size of the pipe ({@code SplicePipe.WANTED_BYTES}); how much one connection sends before others
 * have their turn ({@code ResponseRegion.BYTES_PER_CALL_MAX}, times {@code
 * KafkaServer.WRITES_PER_ROUND}); where {@code MSG_MORE} and {@code SPLICE_F_MORE} hold a packet
 * back for what follows; which system calls are made at all. Encryption does not belong here: bytes
 * have to come into the process for it, and {@code ResponseEncoder} decides what is a region.
 *
 * <p><b>What must hold</b>:
 *
 * <ul>
 *   <li>Exactly {@code frame.size()} bytes leave, in wire order: the length in front of them is
 *       encoded already. A file that ends before its range throws, which closes the connection;
 *       there is no other way to tell the peer.
 *   <li>{@code transferTo} returns 0 only when the socket is full: Netty waits then until it takes
 *       bytes again. It is never empty-handed for another reason, and never blocks.
 *   <li>The loop's one pipe is empty between two calls, whatever happened in the first, or the next
 *       connection is sent bytes of another.
 *   <li>Everything happens on the loop's thread. The frame is released exactly once; {@code
 *       regionMoved} hears of all bytes and {@code regionReleased} of each region, since the bounds
 *       of a connection rest on them.
 *   <li>Bytes of a file that were handed out are not written again, nor cut off, even after the
 *       range was released: what the socket has taken are still the file's pages, not a copy.
 * </ul>
 */
@NullMarked
package io.penstock.node.net.region;

import org.jspecify.annotations.NullMarked;

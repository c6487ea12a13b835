/**
 * The client library for applications, tools and benchmarks. {@link
 * io.penstock.client.ClusterMetadata} finds brokers and partition leaders from any seed; {@link
 * io.penstock.client.Admin} creates, lists, describes and deletes topics, tells how the cluster is
 * ({@link io.penstock.client.ClusterStatus}) and changes who votes. Both answer by futures that
 * complete on the event loops of the connections below them ({@code client.net}), so what hangs on
 * them must not block. What they hand out are immutable records of this package, not messages of
 * the protocol.
 */
@NullMarked
package io.penstock.client;

import org.jspecify.annotations.NullMarked;

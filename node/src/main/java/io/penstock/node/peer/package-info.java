/**
 * How nodes talk: sockets for {@link io.penstock.replication.peer}. {@link
 * io.penstock.node.peer.PeerServer} listens, {@link io.penstock.node.peer.PeerConnections} asks.
 * Both ends use what serves and sends clients' requests, with Kafka's framing; a request of ours
 * travels as the bytes inside an {@code ENVELOPE}. The first one of each connection is an
 * introduction, which {@code PeerGate} checks on both ends. Since answers keep the order of
 * requests, each kind of traffic has connections of its own ({@code Lane}): a vote never waits
 * behind a long poll.
 */
@NullMarked
package io.penstock.node.peer;

import org.jspecify.annotations.NullMarked;

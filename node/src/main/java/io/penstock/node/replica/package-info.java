/**
 * The ways to the leaders that this node copies from: sockets for {@link
 * io.penstock.replication.follower}. {@link io.penstock.node.replica.RemoteLeaders} makes one for
 * each leader node and lane, with connections and event loops of their own, so that records on
 * their way hold nothing else up. The connection ({@code LeaderLine}) stays when a lane is left. A
 * {@code RemoteLeader} asks with Kafka's own fetch over the listener for peers and keeps the fetch
 * session's id and epoch; {@code FetchMessages} turns what the follower wants into Kafka's messages
 * and back. Records are never copied on the way: they stay in the buffer that the socket was read
 * into until the follower has written them.
 */
@NullMarked
package io.penstock.node.replica;

import org.jspecify.annotations.NullMarked;

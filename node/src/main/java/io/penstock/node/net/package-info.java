/**
 * The Kafka port of a node. {@link io.penstock.node.net.KafkaServer} listens; each connection is a
 * {@link io.penstock.node.net.Connection} on one event loop, behind a {@link
 * io.penstock.node.net.receive.RequestDecoder} that cuts frames. {@link
 * io.penstock.node.net.RequestDispatcher} decodes a frame and calls the API's handler on that loop;
 * {@link io.penstock.node.net.ResponseOrderer} lets the responses leave in the order of the
 * requests; {@link io.penstock.node.net.ResponseEncoder} makes each a buffer or, where it has file
 * ranges, one region. Everything here that a connection touches belongs to its loop's thread; other
 * threads come in by {@code execute}, {@code executeOrElse} and {@code schedule} of {@link
 * io.penstock.node.net.NetworkLoop}, which are what {@code respond} and its like use.
 */
@NullMarked
package io.penstock.node.net;

import org.jspecify.annotations.NullMarked;

/**
 * What the node does with a request: one {@link io.penstock.node.api.ApiHandler} per API, each with
 * the versions it serves beside it. Handlers see Kafka's messages and {@link
 * io.penstock.node.api.RequestContext}, never a socket or a buffer of the network layer; they run
 * on the event loop that read the frame and must not block it. What may take longer (an ack that
 * waits for the high watermark, a fetch that waits for data) is parked and answered later through
 * the same context: a task that comes back to a request goes by the context's loop, or through its
 * {@code attempt}, so that a peer is not left waiting where the task fails. {@link
 * io.penstock.node.api.LaterAnswer} does that for futures.
 */
@NullMarked
package io.penstock.node.api;

import org.jspecify.annotations.NullMarked;

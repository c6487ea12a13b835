/**
 * What the node does with a request: one {@link io.penstock.node.api.ApiHandler} per API, each with
 * the versions it serves beside it. Handlers see Kafka's messages and {@link
 * io.penstock.node.api.RequestContext}, never a socket or a buffer of the network layer; they run
 * on the event loop that read the frame and must not block it. What may take longer (an ack that
 * waits for the high watermark, a fetch that waits for data) is parked and answered later through
 * the same context.
 */
@NullMarked
package io.penstock.node.api;

import org.jspecify.annotations.NullMarked;

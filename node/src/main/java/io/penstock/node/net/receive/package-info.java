/**
 * From bytes to request frames. {@link io.penstock.node.net.receive.RequestDecoder} cuts a
 * connection's stream into frames; whole frames are slices of the read buffer, a frame that does
 * not fit gets a buffer of its own, which the transport fills directly. Memory follows what has
 * arrived, never what was announced, and all of it is claimed from the node's {@link
 * io.penstock.node.net.receive.MemoryBudget}.
 */
@NullMarked
package io.penstock.node.net.receive;

import org.jspecify.annotations.NullMarked;

/**
 * Kafka's protocol without Kafka's clients: {@link io.penstock.cluster.wire.NodeClient} asks one
 * certain node, which they do not.
 */
@NullMarked
package io.penstock.cluster.wire;

import org.jspecify.annotations.NullMarked;

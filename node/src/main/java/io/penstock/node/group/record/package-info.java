/**
 * The records of {@code __consumer_offsets}, in Kafka's own format, so that its tools read them:
 * the only place that knows the messages which Kafka generates for it.
 */
@NullMarked
package io.penstock.node.group.record;

import org.jspecify.annotations.NullMarked;

/**
 * What a topic can be set to. {@link io.penstock.node.topic.TopicConfigs} is the table of all
 * settings a Kafka 4.4 broker knows, under Kafka's names and with Kafka's validation; {@link
 * io.penstock.node.topic.TopicSettings} is what they mean for one topic. A value that would promise
 * something this version does not do is refused, with the reason, instead of being ignored.
 */
@NullMarked
package io.penstock.node.topic;

import org.jspecify.annotations.NullMarked;

/**
 * What a topic can be set to. {@link io.penstock.node.topic.TopicConfigs} is the table of all
 * settings a Kafka 4.4 broker knows, under Kafka's names and with Kafka's validation; {@link
 * io.penstock.node.topic.TopicSettings} is what they mean for one topic. A value that would promise
 * something this version does not do is refused, with the reason, instead of being ignored.
 *
 * <p>To add a setting, give it a line in {@code TopicConfigs}: name, type, default, what is
 * refused, what a broker calls it, and one sentence. If a log has to know it, add it to {@code
 * LogSettings} in storage and read it in {@code TopicSettings.forLog}; a handler reads others
 * through {@code TopicSettings}. Describing, altering and validating find it in the table by
 * themselves.
 */
@NullMarked
package io.penstock.node.topic;

import org.jspecify.annotations.NullMarked;

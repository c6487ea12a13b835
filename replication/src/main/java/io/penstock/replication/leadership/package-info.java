/**
 * The state of the {@code leadership} group and its rules: brokers, topics, partitions, and who
 * leads. {@link LeadershipRules} is the door: {@code apply(image, command)} returns a new image,
 * events and a result. One class per concern stands behind it: {@link BrokerRules}, {@link
 * TopicRules}, {@link IsrRules}, {@link LeaderChoice}, {@link ReplicaPlacement}.
 *
 * <p>Pure: JDK only, no I/O, no clock, no randomness, no threads, no hash order. Every replica must
 * compute the same image from the same log, so times and ids travel in the commands.
 */
@NullMarked
package io.penstock.replication.leadership;

import org.jspecify.annotations.NullMarked;

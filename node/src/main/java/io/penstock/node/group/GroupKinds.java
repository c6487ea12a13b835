package io.penstock.node.group;

import io.penstock.node.group.classic.ClassicGroup;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.consumer.ConsumerGroup;
import io.penstock.node.group.consumer.ConsumerSettings;
import io.penstock.node.group.consumer.ConsumerState;
import io.penstock.node.group.consumer.TopicCatalog;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupSnapshot;
import org.jspecify.annotations.Nullable;

/** Makes groups of either protocol, each with its limits. Any thread. */
public record GroupKinds(ClassicSettings classic, ConsumerSettings consumer, TopicCatalog topics)
    implements GroupRestore {

  @Override
  public Group classic(GroupSnapshot snapshot, long nowMs) {
    return ClassicGroup.restore(snapshot, classic, nowMs);
  }

  @Override
  public Group consumer(ConsumerState state, long nowMs) {
    return new ConsumerGroup(state, consumer, topics, nowMs);
  }

  /** The group that takes a classic one's place; null where that is not to be or cannot be. */
  public @Nullable ConsumerGroup upgraded(ClassicGroup group, long nowMs) {
    return ConsumerGroup.upgraded(group.handedOver(), consumer, topics, nowMs);
  }

  /** A group of the consumer protocol that nobody has joined yet. */
  public ConsumerGroup newConsumer(String groupId, long nowMs) {
    return new ConsumerGroup(new ConsumerState(groupId), consumer, topics, nowMs);
  }
}

package io.penstock.node.group.consumer;

import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Effects;

/** One event of one group: when it happens, and where what it asks of the world goes. */
record Step(ConsumerGroup group, long nowMs, Effects effects) {

  ConsumerState state() {
    return group.inner();
  }

  ConsumerSettings settings() {
    return group.settings();
  }

  ConsumerSettings.Times times() {
    return group.times();
  }

  TopicCatalog topics() {
    return group.topics();
  }

  /** Changes the group, now and in the log, or not at all. */
  void change(ConsumerGroupRecord record) {
    ConsumerGroupRecord before = state().apply(record);
    effects.append(record);
    effects.ifNotAppended(() -> state().apply(before));
  }
}

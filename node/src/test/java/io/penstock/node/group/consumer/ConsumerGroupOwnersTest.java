package io.penstock.node.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.assign.UniformAssignor;
import io.penstock.node.group.classic.ClassicSettings;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.CurrentAssignment;
import io.penstock.node.group.effect.CurrentAssignment.Progress;
import io.penstock.node.group.effect.MemberDescription;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What others than members learn of a group: who has what, and what all of it weighs. */
final class ConsumerGroupOwnersTest {
  private static final String GROUP = "g";
  private static final long NOW_MS = 1_000;

  private final SomeTopics topics = new SomeTopics();
  private final ConsumerState state = new ConsumerState(GROUP);

  @Test
  void tellsByNameWhoHasWhatOfTopicsThatThereAre() {
    topics.create("read", 4);
    topics.create("gone", 1);
    UUID gone = topics.id("gone");
    add("one", Map.of(topics.id("read"), PartitionSet.of(0, 1), gone, PartitionSet.of(0)));
    add("two", Map.of(topics.id("read"), PartitionSet.of(3)));
    topics.delete("gone");

    Map<String, Map<Integer, String>> owners = group().owners();

    assertEquals(Map.of("read", Map.of(0, "one", 1, "one", 3, "two")), owners);
  }

  @Test
  void weighsMoreWithEachMember() {
    long empty = group().heapBytes();
    add("one", Map.of());

    long withMember = group().heapBytes();

    assertTrue(withMember > empty, () -> withMember + " and " + empty);
  }

  private ConsumerGroup group() {
    ConsumerSettings settings =
        ConsumerSettings.standard(List.of(new UniformAssignor()), ClassicSettings.standard());
    return new ConsumerGroup(state, settings, topics, NOW_MS);
  }

  private void add(String memberId, Map<UUID, PartitionSet> assigned) {
    state.apply(
        new ConsumerGroupRecord.Member(
            GROUP,
            memberId,
            new MemberDescription(
                null, null, "c", "/h", List.of("read"), null, 60_000, null, null)));
    state.apply(
        new ConsumerGroupRecord.Current(
            GROUP,
            memberId,
            new CurrentAssignment(
                1,
                0,
                Progress.STABLE,
                new MemberTarget(assigned),
                MemberTarget.EMPTY,
                CurrentAssignment.NONE.since())));
  }
}

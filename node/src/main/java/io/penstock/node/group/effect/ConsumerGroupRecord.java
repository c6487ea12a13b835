package io.penstock.node.group.effect;

import io.penstock.node.group.assign.MemberTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a group of the consumer protocol has written down about itself, in the terms of
 * Kafka's records: the newest of a kind (and of a member, or an expression) holds, and one without
 * a value takes it away. A group is what its records say, and changes by them alone.
 */
public sealed interface ConsumerGroupRecord extends GroupRecord {

  /** The group is in this epoch; without a value there is no such group. */
  record Epoch(String groupId, @Nullable GroupEpoch value) implements ConsumerGroupRecord {}

  /** Who the member is and what it wants. */
  record Member(String groupId, String memberId, @Nullable MemberDescription value)
      implements ConsumerGroupRecord {}

  /** What all members shall have was decided for this epoch of the group. */
  record TargetEpoch(String groupId, @Nullable TargetTime value) implements ConsumerGroupRecord {}

  /** What the member shall have. */
  record Target(String groupId, String memberId, @Nullable MemberTarget value)
      implements ConsumerGroupRecord {}

  /** What the member has. */
  record Current(String groupId, String memberId, @Nullable CurrentAssignment value)
      implements ConsumerGroupRecord {}

  /** The topics that a regular expression stands for. */
  record Regex(String groupId, String regex, @Nullable ResolvedRegex value)
      implements ConsumerGroupRecord {}

  /**
   * An epoch of a group.
   *
   * @param metadataHash of the topics that the group is subscribed to, as they were then
   */
  record GroupEpoch(int epoch, long metadataHash) {}

  /**
   * When a target was decided.
   *
   * @param epoch the epoch of the group that it is for
   */
  record TargetTime(int epoch, long timestampMs) {}

  /**
   * The topics that an expression stood for.
   *
   * @param version tells one state of the cluster's topics from an earlier one
   */
  record ResolvedRegex(List<String> topics, long version, long timestampMs) {

    public ResolvedRegex {
      topics = List.copyOf(topics);
    }
  }
}

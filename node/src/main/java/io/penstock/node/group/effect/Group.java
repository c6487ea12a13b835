package io.penstock.node.group.effect;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One group as its shard sees it, whichever protocol its members speak. All of it is called on the
 * shard's thread. Committed offsets are the shard's: a group says who may commit them, and does not
 * know them; a name under which there are only offsets has no group.
 */
public interface Group {

  /**
   * About what a group takes of the heap without members, and what each of these takes at least.
   */
  int HEAP_BYTES = 1_000;

  String id();

  /** {@code classic} or {@code consumer}, as ListGroups says it. */
  String type();

  /** Such as {@code consumer}; empty where no member has said it yet. */
  String protocolType();

  /** The state's name as Kafka spells it, such as {@code PreparingRebalance}. */
  String state();

  /** Whether there is no member, so that it may be deleted and its offsets may expire. */
  boolean isEmpty();

  /** When it came into its state; of an empty group, since when it is empty. */
  long stateTimestampMs();

  /** Whether there is a static member of this name, whatever its id is by now. */
  boolean hasInstance(@Nullable String instanceId);

  /** Whether a member is subscribed to the topic, or might be: its subscription is not readable. */
  boolean isSubscribedTo(String topic);

  /**
   * Which member has which partition now, by topic; nothing of what nobody has, or of what cannot
   * be read.
   */
  default Map<String, Map<Integer, String>> owners() {
    return Map.of();
  }

  /**
   * Whether this member may commit offsets now. A member that may is alive: that counts as its
   * heartbeat.
   *
   * @param memberId empty, with a negative generation, of one who commits without being a member
   */
  Errors validateCommit(String memberId, @Nullable String instanceId, int generation, long nowMs);

  /**
   * Whether this is a member that goes by epochs, in which it can commit only where its request
   * knows of them.
   */
  default boolean hasEpochOf(String memberId) {
    return false;
  }

  /**
   * Whether a member that is in a later epoch by now may commit this as of the one that it believes
   * to be in: what it had then and has had ever since.
   */
  default boolean mayStillCommit(String memberId, int memberEpoch, UUID topic, int partition) {
    return false;
  }

  /** Whether this member, or no member, may read committed offsets now. */
  Errors validateFetch(@Nullable String memberId, int memberEpoch);

  /** About what it takes of the heap; asked for after each event, so it has to be at hand. */
  default long heapBytes() {
    return HEAP_BYTES;
  }

  /** When {@link #tick} is due; {@link Long#MAX_VALUE} if never. */
  long nextDeadlineMs();

  /** Does what is due at this time, and nothing where that is nothing. */
  void tick(long nowMs, Effects effects);

  /**
   * Puts off all deadlines by so much: for that long nobody could reach the group, so that it does
   * not count as silence.
   */
  void postpone(long byMs);

  /** The records that take the group out of the log; its offsets stay. */
  List<GroupRecord> removal();

  /** Who its members are, by their ids, without what they want and have. */
  Map<String, MemberName> memberNames();

  /** What DescribeGroups says of it, but for authorized operations. */
  DescribedGroup describe();

  /** The shard is going away: everybody who waits here is answered with this error. */
  void unload(Errors reason, Effects effects);
}

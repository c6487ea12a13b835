package io.penstock.node.group.effect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A classic group as the log keeps it, in the terms of Kafka's {@code GroupMetadataValue}. The
 * arrays are the clients' own bytes; nobody changes them.
 *
 * @param protocol the assignor that was chosen; null while there is none
 * @param leader the member id of the leader; null while there is none, as long as members who were
 *     in another protocol have not joined
 * @param stateTimestampMs when the group came into its state; -1 where that is not known
 */
public record GroupSnapshot(
    String groupId,
    String protocolType,
    int generation,
    @Nullable String protocol,
    @Nullable String leader,
    long stateTimestampMs,
    List<Member> members) {

  /** What the record takes at most besides its name and its members. */
  private static final int OVERHEAD_BYTES = 256;

  /** What a member takes at most in the record besides its strings and bytes. */
  private static final int MEMBER_OVERHEAD_BYTES = 32;

  public GroupSnapshot {
    members = List.copyOf(members);
  }

  /** The same of members who have yet to be called together. */
  public GroupSnapshot withoutLeader() {
    return new GroupSnapshot(
        groupId, protocolType, generation, protocol, null, stateTimestampMs, members);
  }

  /** What its record takes in a batch, at most. */
  public long recordBytesMax() {
    long bytes = (long) OVERHEAD_BYTES + GroupLimits.utf8Bytes(groupId);
    bytes += bytes(protocolType) + bytes(protocol) + bytes(leader);
    for (Member each : members) {
      bytes += each.subscription.length + each.assignment.length + MEMBER_OVERHEAD_BYTES;
      bytes += bytes(each.memberId) + bytes(each.instanceId);
      bytes += bytes(each.clientId) + bytes(each.clientHost);
    }
    return bytes;
  }

  private static int bytes(@Nullable String text) {
    return text == null ? 0 : GroupLimits.utf8Bytes(text);
  }

  /**
   * A member of the group.
   *
   * @param instanceId of a static member; null of a dynamic one
   */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes, compared by nobody
  public record Member(
      String memberId,
      @Nullable String instanceId,
      String clientId,
      String clientHost,
      int rebalanceTimeoutMs,
      int sessionTimeoutMs,
      byte[] subscription,
      byte[] assignment) {}
}

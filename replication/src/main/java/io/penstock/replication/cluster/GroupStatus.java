package io.penstock.replication.cluster;

import io.penstock.replication.value.Address;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the leader of a group knows of its members, at one moment.
 *
 * @param leaderEpoch the leader's term
 * @param committedIndex the last entry that is agreed on
 */
public record GroupStatus(
    GroupName group,
    int leaderId,
    long leaderEpoch,
    long committedIndex,
    List<Member> voters,
    List<Member> observers) {

  public GroupStatus {
    voters = List.copyOf(voters);
    observers = List.copyOf(observers);
  }

  /**
   * One node that follows the group.
   *
   * @param address null where it is not known
   * @param lastIndex the last entry it is known to have, or -1
   * @param lastContactMs when it was heard of last, in milliseconds since 1970, or -1
   * @param lastCaughtUpMs when it last had all that was committed then, or -1
   */
  public record Member(
      int nodeId,
      UUID directoryId,
      @Nullable Address address,
      long lastIndex,
      long lastContactMs,
      long lastCaughtUpMs) {}
}

package io.penstock.client;

import io.penstock.client.net.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Who decides for a cluster, and how far everybody follows. Immutable.
 *
 * @param groups the Raft groups, {@link #LEADERSHIP} first
 * @param addresses where members are reached by each other, by node id, as far as is known
 */
public record QuorumDescription(List<Group> groups, Map<Integer, Endpoint> addresses) {

  /** The group that knows brokers, topics and their leaders. */
  public static final String LEADERSHIP = "leadership";

  /** The group that knows everything else. */
  public static final String METADATA = "metadata";

  public QuorumDescription {
    groups = List.copyOf(groups);
    addresses = Map.copyOf(addresses);
  }

  /** What is known of {@link #LEADERSHIP}, by whose members nodes are told voters. */
  public Group leadership() {
    return groups.get(0);
  }

  /**
   * One group.
   *
   * @param leaderId -1 where there is none, and then nothing else is known but the problem
   * @param committed the offset after the last entry that is agreed on
   * @param problem why nothing is known; empty where there is a leader
   */
  public record Group(
      String name,
      int leaderId,
      int leaderEpoch,
      long committed,
      List<Member> voters,
      List<Member> observers,
      String problem) {

    public Group {
      voters = List.copyOf(voters);
      observers = List.copyOf(observers);
    }

    public boolean hasLeader() {
      return leaderId >= 0;
    }

    /** How many entries the member is behind the leader; -1 where it is not known. */
    public long lag(Member member) {
      return member.logEnd() < 0 ? -1 : Math.max(0, leaderEnd() - member.logEnd());
    }

    private long leaderEnd() {
      return leaderStates()
          .mapToLong(Member::logEnd)
          .filter(end -> end >= 0)
          .findFirst()
          .orElse(committed);
    }

    /** How long ago the leader last heard of the member, by its own clock; -1 where never. */
    public long silentMs(Member member, long otherwiseNowMs) {
      return agoMs(member.lastContactMs(), otherwiseNowMs);
    }

    /** How long ago the member last had all that the leader had then; -1 where it is not known. */
    public long behindMs(Member member, long otherwiseNowMs) {
      return agoMs(member.lastCaughtUpMs(), otherwiseNowMs);
    }

    /** The leader hears of itself all the time, so that tells what time it is there. */
    private long agoMs(long thenMs, long otherwiseNowMs) {
      long nowMs =
          leaderStates()
              .mapToLong(Member::lastContactMs)
              .filter(ms -> ms >= 0)
              .findFirst()
              .orElse(otherwiseNowMs);
      return thenMs < 0 ? -1 : Math.max(0, nowMs - thenMs);
    }

    private Stream<Member> leaderStates() {
      return voters.stream().filter(voter -> voter.nodeId() == leaderId);
    }
  }

  /**
   * One node that follows a group.
   *
   * @param directoryId of the data directory that it has its votes in
   * @param logEnd the offset after its last entry, -1 where it is not known
   * @param lastContactMs when it was heard of last, by the leader's clock; -1 where never
   * @param lastCaughtUpMs when it last had everything, by the leader's clock; -1 where never
   */
  public record Member(
      int nodeId, UUID directoryId, long logEnd, long lastContactMs, long lastCaughtUpMs) {}
}

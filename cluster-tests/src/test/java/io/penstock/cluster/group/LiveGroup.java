package io.penstock.cluster.group;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A group whose members join, leave and crash while they read a topic that is written to. Used by
 * one thread, but for its ledger.
 */
final class LiveGroup {
  private final String bootstrap;
  private final String topic;
  private final int partitions;
  private final Protocol protocol;
  private final String id;
  private final CommitLedger ledger;
  private final List<Member> members = new ArrayList<>();
  private final List<Member> gone = new ArrayList<>();
  private long[] mark;

  LiveGroup(String bootstrap, String topic, int partitions, Protocol protocol) {
    this.bootstrap = bootstrap;
    this.topic = topic;
    this.partitions = partitions;
    this.protocol = protocol;
    this.id = protocol.groupOf(topic);
    this.ledger = new CommitLedger(id, partitions);
    this.mark = ledger.acked();
  }

  String id() {
    return id;
  }

  CommitLedger ledger() {
    return ledger;
  }

  String topic() {
    return topic;
  }

  Protocol protocol() {
    return protocol;
  }

  int size() {
    return members.size();
  }

  void join() {
    members.add(Member.start(bootstrap, topic, id, protocol, ledger));
  }

  void leave() {
    gone.add(members.removeFirst());
    gone.getLast().leave();
  }

  void crash() {
    gone.add(members.removeFirst());
    gone.getLast().crash();
  }

  /** From here on it has to go on before it counts as stable. */
  void mark() {
    mark = ledger.acked();
  }

  /**
   * Why it is not stable, or nothing: each partition has one member, each member a partition, and
   * each partition's offset was committed since the mark.
   */
  String unrest() {
    Set<Integer> all = new HashSet<>();
    for (Member member : members) {
      Set<Integer> its = member.assigned();
      if (its.isEmpty()) {
        return "a member has nothing";
      }
      for (int partition : its) {
        if (!all.add(partition)) {
          return "two members have partition " + partition;
        }
      }
    }
    if (all.size() != partitions) {
      return "only " + all.size() + " partitions have members";
    }
    long[] acked = ledger.acked();
    for (int partition = 0; partition < partitions; partition++) {
      if (acked[partition] <= mark[partition]) {
        return "nothing was committed of partition " + partition;
      }
    }
    return "";
  }

  /** Ends all members and waits for them. */
  void end() throws InterruptedException {
    while (!members.isEmpty()) {
      leave();
    }
    for (Member each : gone) {
      each.awaitEnd();
    }
  }
}

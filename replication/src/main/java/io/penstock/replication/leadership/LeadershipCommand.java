package io.penstock.replication.leadership;

import io.penstock.replication.value.Address;
import io.penstock.replication.value.FeatureLevels;
import io.penstock.replication.value.NodeIds;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of the {@code leadership} group: one command is one log entry and is applied
 * whole, on every replica at the same place. Ids and epochs that it depends on travel in it.
 */
public sealed interface LeadershipCommand {

  /**
   * A broker process introduces itself; it is registered fenced, under a new broker epoch, and a
   * former registration of its id ends. {@code previousEpoch} is the epoch in its clean-shutdown
   * mark, or -1: where it is not the registered one, the broker stopped uncleanly, may have lost
   * the tail of its logs, and is taken out of ISRs and ELRs that have another member. {@code
   * featureLevel} is the highest that its process knows. {@code directories} are the ids of its
   * data directories: one that it had and does not name is gone with all that was in it.
   */
  record RegisterBroker(
      int brokerId,
      UUID incarnation,
      Address client,
      Address peer,
      @Nullable String rack,
      long previousEpoch,
      int featureLevel,
      List<UUID> directories)
      implements LeadershipCommand {

    public RegisterBroker {
      directories = List.copyOf(directories);
    }

    /** Of a process of this version. */
    public RegisterBroker(
        int brokerId,
        UUID incarnation,
        Address client,
        Address peer,
        @Nullable String rack,
        long previousEpoch) {
      this(brokerId, incarnation, client, peer, rack, previousEpoch, List.of());
    }

    /** Of a process of this version that says which data directories it has. */
    public RegisterBroker(
        int brokerId,
        UUID incarnation,
        Address client,
        Address peer,
        @Nullable String rack,
        long previousEpoch,
        List<UUID> directories) {
      this(
          brokerId,
          incarnation,
          client,
          peer,
          rack,
          previousEpoch,
          FeatureLevels.KNOWN,
          directories);
    }
  }

  /** The broker is ready to serve; it may lead from now on. */
  record UnfenceBroker(int brokerId, long brokerEpoch) implements LeadershipCommand {}

  /** The broker is gone: all that it leads goes to others, in this one entry. */
  record FenceBroker(int brokerId, long brokerEpoch) implements LeadershipCommand {}

  /** The broker is about to stop: it gives away every leadership that somebody else can take. */
  record DrainBroker(int brokerId, long brokerEpoch) implements LeadershipCommand {}

  /** Forgets a fenced broker that holds no replica any more. */
  record UnregisterBroker(int brokerId) implements LeadershipCommand {}

  /** Creates topics; each for itself is created or refused. */
  record CreateTopics(List<NewTopic> topics) implements LeadershipCommand {
    public CreateTopics {
      topics = List.copyOf(topics);
    }
  }

  /** Deletes topics by id; each for itself. */
  record DeleteTopics(List<UUID> topicIds) implements LeadershipCommand {
    public DeleteTopics {
      topicIds = List.copyOf(topicIds);
    }
  }

  /**
   * Raises the number of partitions to {@code newCount}. {@code assignments} names the replicas of
   * each new partition, or is empty to have them placed.
   */
  record CreatePartitions(UUID topicId, int newCount, List<NodeIds> assignments)
      implements LeadershipCommand {
    public CreatePartitions {
      assignments = List.copyOf(assignments);
    }
  }

  /** Sets what {@link TopicImage#minInsyncReplicas} says; propose it with the configuration. */
  record SetMinInsyncReplicas(UUID topicId, int minInsyncReplicas) implements LeadershipCommand {}

  /** A partition leader asks for new ISRs; each change is taken only on an exact match. */
  record ChangeIsr(int brokerId, long brokerEpoch, List<IsrChange> changes)
      implements LeadershipCommand {
    public ChangeIsr {
      changes = List.copyOf(changes);
    }
  }

  /** One partition's new ISR, each member with the broker epoch it was seen under (KIP-903). */
  record IsrChange(
      UUID topicId, int partition, int leaderEpoch, int partitionEpoch, List<IsrMember> isr) {
    public IsrChange {
      isr = List.copyOf(isr);
    }
  }

  /** A replica and the epoch of the broker that fetched as it. */
  record IsrMember(int brokerId, long brokerEpoch) {}

  /** Asks for elections of partitions; an empty list means all. */
  record ElectLeaders(ElectionKind kind, List<PartitionRef> partitions)
      implements LeadershipCommand {
    public ElectLeaders {
      partitions = List.copyOf(partitions);
    }
  }

  /** A partition by topic id. */
  record PartitionRef(UUID topicId, int partition) {}

  /** What an operator may ask for. */
  enum ElectionKind {
    /** Give the leadership back to the first replica, if it is in sync. */
    PREFERRED,
    /** Where nobody eligible is alive, take any living replica and lose what it lacks. */
    UNCLEAN
  }
}

package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipEvent.BrokerDraining;
import io.penstock.replication.leadership.LeadershipEvent.BrokerFenced;
import io.penstock.replication.leadership.LeadershipEvent.BrokerRegistered;
import io.penstock.replication.leadership.LeadershipEvent.BrokerUnfenced;
import io.penstock.replication.leadership.LeadershipEvent.BrokerUnregistered;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.value.ControlError;
import java.util.List;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Brokers come, serve, drain and are gone; every partition that this touches follows at once. */
final class BrokerRules {

  private BrokerRules() {}

  static BrokerResult register(ImageEditor editor, RegisterBroker command) {
    if (command.brokerId() < 0) {
      return refused(ControlError.INVALID_REQUEST, "broker id " + command.brokerId());
    }
    BrokerImage former = editor.image().broker(command.brokerId());
    if (former != null && former.incarnation().equals(command.incarnation())) {
      return done(former.epoch()); // asked again, since the first answer was lost
    }
    if (former != null && !former.fenced()) {
      fence(editor, former);
    }
    BrokerDirectories before = directories(editor.image(), former);
    BrokerDirectories directories = before.then(command.directories());
    boolean wiped = before.lacks(command.directories());
    boolean clean = former == null || (former.epoch() == command.previousEpoch() && !wiped);
    BrokerImage broker =
        new BrokerImage(
            command.brokerId(),
            editor.image().lastBrokerEpoch() + 1,
            command.incarnation(),
            command.client(),
            command.peer(),
            command.rack(),
            true,
            false,
            command.featureLevel(),
            directories);
    editor.replace(editor.image().withBroker(broker), new BrokerRegistered(broker, clean));
    boolean found =
        !before.missing().isEmpty() && !containsAny(directories.missing(), before.missing());
    if (!clean || found) {
      takeIntoAccount(editor, broker.id(), new Disks(clean, wiped, found));
    }
    return done(broker.epoch());
  }

  /**
   * In what state a broker comes back.
   *
   * @param wiped without a disk that it had
   * @param found with all that it had come back without
   */
  private record Disks(boolean clean, boolean wiped, boolean found) {}

  private static boolean containsAny(List<UUID> some, List<UUID> others) {
    return others.stream().anyMatch(some::contains);
  }

  /** What a broker had; what it missed is forgotten when nothing waits for it any more. */
  private static BrokerDirectories directories(
      LeadershipImage image, @Nullable BrokerImage former) {
    if (former == null) {
      return BrokerDirectories.UNKNOWN;
    }
    BrokerDirectories known = former.directories();
    return known.missing().isEmpty() || isWaitedFor(image, former.id())
        ? known
        : known.withoutMissing();
  }

  private static boolean isWaitedFor(LeadershipImage image, int id) {
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.bereft() && partition.isr().contains(id)) {
          return true;
        }
      }
    }
    return false;
  }

  static BrokerResult unfence(ImageEditor editor, UnfenceBroker command) {
    BrokerImage broker = editor.image().broker(command.brokerId());
    if (broker == null || broker.epoch() != command.brokerEpoch()) {
      return notThisOne(command.brokerId(), broker);
    }
    if (!broker.fenced()) {
      return done(broker.epoch()); // one that drains goes on to do so: this came late
    }
    editor.replace(
        editor.image().withBroker(broker.withState(false, false)),
        new BrokerUnfenced(broker.id(), broker.epoch()));
    IntPredicate canLead = canLead(editor.image());
    editor.changePartitions((topic, partition) ->
        partition.hasLeader() || !partition.replicas().contains(broker.id())
            ? partition
            : LeaderChoice.electIfNeeded(partition, topic.minInsyncReplicas(), canLead));
    return done(broker.epoch());
  }

  static BrokerResult fence(ImageEditor editor, FenceBroker command) {
    BrokerImage broker = editor.image().broker(command.brokerId());
    if (broker == null || broker.epoch() != command.brokerEpoch()) {
      return notThisOne(command.brokerId(), broker);
    }
    if (!broker.fenced()) {
      fence(editor, broker);
    }
    return done(broker.epoch());
  }

  static BrokerResult drain(ImageEditor editor, DrainBroker command) {
    BrokerImage broker = editor.image().broker(command.brokerId());
    if (broker == null || broker.epoch() != command.brokerEpoch()) {
      return notThisOne(command.brokerId(), broker);
    }
    if (broker.fenced() || broker.draining()) {
      return done(broker.epoch());
    }
    int id = broker.id();
    editor.replace(
        editor.image().withBroker(broker.withState(false, true)),
        new BrokerDraining(id, broker.epoch()));
    IntPredicate canLead = canLead(editor.image());
    editor.changePartitions((topic, partition) -> {
      // It leads on where nobody in sync could: better served till the last moment than not.
      if (partition.leader() == id && !partition.isr().without(id).allMatch(canLead.negate())) {
        return LeaderChoice.electIfNeeded(partition, topic.minInsyncReplicas(), canLead);
      }
      return partition;
    });
    return done(broker.epoch());
  }

  static BrokerResult unregister(ImageEditor editor, UnregisterBroker command) {
    BrokerImage broker = editor.image().broker(command.brokerId());
    if (broker == null) {
      return notThisOne(command.brokerId(), null);
    }
    if (!broker.fenced()) {
      return refused(ControlError.INVALID_REQUEST, "broker " + broker.id() + " is not fenced");
    }
    int replicas = editor.image().brokerLoads().replicasOn(broker.id());
    if (replicas > 0) {
      String text = "broker " + broker.id() + " holds " + replicas + " replicas of partitions";
      return refused(ControlError.INVALID_REQUEST, text);
    }
    editor.replace(editor.image().withoutBroker(broker.id()), new BrokerUnregistered(broker.id()));
    return done(broker.epoch());
  }

  static IntPredicate canLead(LeadershipImage image) {
    return id -> {
      BrokerImage broker = image.broker(id);
      return broker != null && broker.canLead();
    };
  }

  private static void fence(ImageEditor editor, BrokerImage broker) {
    int id = broker.id();
    editor.replace(
        editor.image().withBroker(broker.withState(true, false)),
        new BrokerFenced(id, broker.epoch()));
    IntPredicate canLead = canLead(editor.image());
    // A draining broker keeps what it leads; it is only given nothing more.
    LeadershipImage image = editor.image();
    IntPredicate unfenced = other -> isUnfenced(image, other);
    editor.changePartitions((topic, partition) ->
        partition.isr().contains(id)
            ? LeaderChoice.afterLeaving(
                partition,
                topic.minInsyncReplicas(),
                member -> member == id,
                partition.leader() == id ? canLead : unfenced)
            : partition);
  }

  private static void takeIntoAccount(ImageEditor editor, int id, Disks disks) {
    LeadershipImage image = editor.image();
    IntPredicate unfenced = other -> isUnfenced(image, other);
    editor.changePartitions((topic, partition) -> {
      if (!partition.isr().contains(id) && !partition.elr().contains(id)) {
        return partition;
      }
      if (partition.bereft()) {
        return disks.found ? LeaderChoice.bereft(partition, false) : partition;
      }
      return disks.clean
          ? partition
          : LeaderChoice.afterDataLoss(
              partition, id, disks.wiped, topic.minInsyncReplicas(), unfenced);
    });
  }

  private static boolean isUnfenced(LeadershipImage image, int id) {
    BrokerImage broker = image.broker(id);
    return broker != null && !broker.fenced();
  }

  private static BrokerResult notThisOne(int id, @Nullable BrokerImage broker) {
    if (broker == null) {
      return refused(ControlError.UNKNOWN_BROKER, "broker " + id + " is not registered");
    }
    return new BrokerResult(
        ControlError.STALE_BROKER_EPOCH,
        "broker " + id + " is registered under epoch " + broker.epoch(),
        broker.epoch());
  }

  private static BrokerResult done(long epoch) {
    return new BrokerResult(ControlError.NONE, "", epoch);
  }

  private static BrokerResult refused(ControlError error, String message) {
    return new BrokerResult(error, message, -1);
  }
}

package io.penstock.replication.partition;

import io.penstock.replication.leadership.PartitionImage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who are told of roles. One that fails keeps neither the others nor the partition from going
 * on: it is a defect, and said so.
 */
final class RoleObservers {

  private static final Logger LOG = LoggerFactory.getLogger(RoleObservers.class);

  private final List<RoleObserver> observers = new CopyOnWriteArrayList<>();

  void add(RoleObserver observer) {
    observers.add(observer);
  }

  /** A replica that is offline, as by a defect just now, is not assigned: it is removed. */
  void assigned(PartitionReplica replica, PartitionImage partition) {
    if (!(replica.role() instanceof ReplicaRole.Offline)) {
      tell(replica, observer -> observer.assigned(replica, partition));
    }
  }

  void removed(PartitionReplica replica) {
    tell(replica, observer -> observer.removed(replica));
  }

  private void tell(PartitionReplica replica, Consumer<RoleObserver> news) {
    for (RoleObserver observer : observers) {
      try {
        news.accept(observer);
      } catch (RuntimeException bug) {
        LOG.error("A change of role was not taken up: partition={}", replica.id(), bug);
      }
    }
  }
}

package io.penstock.node;

import io.penstock.replication.cluster.ClusterControlPlane;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.storage.io.StorageException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down that an observer has been given a vote while it runs: from then on its Raft directory
 * must not be missing. Looks with every change of the image, and writes on a thread of its own.
 */
final class VoteNote implements ImageListener {

  private static final Logger LOG = LoggerFactory.getLogger(VoteNote.class);

  private final ClusterControlPlane control;
  private final DataIdentity identity;
  private final AtomicBoolean noted = new AtomicBoolean();

  VoteNote(ClusterControlPlane control, DataIdentity identity) {
    this.control = control;
    this.identity = identity;
  }

  @Override
  public void imageChanged(ClusterImage before, ClusterImage after) {
    if (!noted.get() && control.isVoter() && noted.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("penstock-vote-note").start(this::note);
    }
  }

  private void note() {
    try {
      identity.complete(control.clusterId(), true);
    } catch (StorageException e) {
      LOG.error("Could not write down that this node has a vote: cause={}", e.getMessage());
      noted.set(false);
    }
  }
}

package io.penstock.node.api.admin;

import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.GroupStatus;
import io.penstock.replication.cluster.ImageListener;
import io.penstock.replication.cluster.VoterChange;
import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataResult;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** A control plane on which somebody else's command comes before each one that is proposed. */
final class InterleavedControlPlane implements ControlPlane {

  private final ControlPlane inner;
  private final ArrayDeque<Runnable> before = new ArrayDeque<>();

  InterleavedControlPlane(ControlPlane inner) {
    this.inner = inner;
  }

  /** Runs before the next proposal that has no task of its own yet. */
  InterleavedControlPlane then(Runnable task) {
    before.add(task);
    return this;
  }

  private void runNext() {
    Runnable task = before.poll();
    if (task != null) {
      task.run();
    }
  }

  @Override
  public ClusterImage image() {
    return inner.image();
  }

  @Override
  public CompletionStage<LeadershipResult> propose(LeadershipCommand command) {
    runNext();
    return inner.propose(command);
  }

  @Override
  public CompletionStage<MetadataResult> propose(MetadataCommand command) {
    runNext();
    return inner.propose(command);
  }

  @Override
  public int leaderId(GroupName group) {
    return inner.leaderId(group);
  }

  @Override
  public CompletionStage<GroupStatus> describe(GroupName group) {
    return inner.describe(group);
  }

  @Override
  public CompletionStage<VoterChange.Outcome> changeVoters(VoterChange change) {
    return inner.changeVoters(change);
  }

  @Override
  public void addListener(ImageListener listener) {
    inner.addListener(listener);
  }

  @Override
  public int nodeId() {
    return inner.nodeId();
  }

  @Override
  public UUID clusterId() {
    return inner.clusterId();
  }

  @Override
  public void close() {
    inner.close();
  }
}

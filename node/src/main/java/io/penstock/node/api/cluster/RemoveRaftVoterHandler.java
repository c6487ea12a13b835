package io.penstock.node.api.cluster;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.VoterChange;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Takes a node's vote in both groups, and answers when both have agreed. */
public final class RemoveRaftVoterHandler extends TypedHandler<RemoveRaftVoterRequestData> {

  /** The API does not let clients say how long they wait; many give up after 30 seconds. */
  private static final long WAIT_MS = 25_000;

  private final VoterChanges changes;

  public RemoveRaftVoterHandler(ControlPlane control) {
    super(ApiKeys.REMOVE_RAFT_VOTER, RemoveRaftVoterRequestData.class, 0, 0);
    this.changes = new VoterChanges(control);
  }

  @Override
  protected void serve(RequestContext context, RemoveRaftVoterRequestData request) {
    changes.make(
        context,
        request.clusterId(),
        new VoterChange.Remove(
            request.voterId(), VoterChanges.directory(request.voterDirectoryId())),
        WAIT_MS,
        RemoveRaftVoterHandler::answer);
  }

  private static RemoveRaftVoterResponseData answer(Errors error, String message) {
    return new RemoveRaftVoterResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(error == Errors.NONE ? null : message);
  }
}

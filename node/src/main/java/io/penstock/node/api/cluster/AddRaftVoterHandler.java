package io.penstock.node.api.cluster;

import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.AdminLimits;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.VoterChange;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Gives a node a vote in both groups, and answers when both have agreed, whether or not the client
 * asks to wait for that. Listeners in the request are not looked at: nodes know each other's
 * addresses from their registration.
 */
public final class AddRaftVoterHandler extends TypedHandler<AddRaftVoterRequestData> {

  private final VoterChanges changes;

  public AddRaftVoterHandler(ControlPlane control) {
    super(ApiKeys.ADD_RAFT_VOTER, AddRaftVoterRequestData.class, 0, 1);
    this.changes = new VoterChanges(control);
  }

  @Override
  protected void serve(RequestContext context, AddRaftVoterRequestData request) {
    changes.make(
        context,
        request.clusterId(),
        new VoterChange.Add(request.voterId(), VoterChanges.directory(request.voterDirectoryId())),
        AdminLimits.waitMs(request.timeoutMs()),
        AddRaftVoterHandler::answer);
  }

  private static AddRaftVoterResponseData answer(Errors error, String message) {
    return new AddRaftVoterResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(error == Errors.NONE ? null : message);
  }
}

package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupDeletion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Deletes groups without members, each for itself, with all that they have committed. */
public final class DeleteGroupsHandler extends TypedHandler<DeleteGroupsRequestData> {

  private static final int MESSAGE_SINCE = 3;
  private static final int GROUPS_MAX = 10_000;
  private static final long WAIT_MS = 5_000;

  private final GroupDeletion deletion;

  public DeleteGroupsHandler(GroupDeletion deletion) {
    super(ApiKeys.DELETE_GROUPS, DeleteGroupsRequestData.class, 0, 3);
    this.deletion = deletion;
  }

  @Override
  protected void serve(RequestContext context, DeleteGroupsRequestData request) {
    if (request.groupsNames().size() > GROUPS_MAX) {
      context.closeConnection("more than " + GROUPS_MAX + " groups to delete");
      return;
    }
    Map<String, CompletableFuture<Errors>> outcomes = new LinkedHashMap<>();
    for (String name : request.groupsNames()) {
      outcomes.computeIfAbsent(name, deletion::delete);
    }
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        CompletableFuture.allOf(outcomes.values().toArray(CompletableFuture[]::new)),
        _ -> together(context.apiVersion(), outcomes),
        _ -> together(context.apiVersion(), outcomes));
  }

  /** What became of each; of those that take too long, that they are to be asked for again. */
  private static DeleteGroupsResponseData together(
      short version, Map<String, CompletableFuture<Errors>> outcomes) {
    DeleteGroupsResponseData response = new DeleteGroupsResponseData();
    outcomes.forEach((name, outcome) -> {
      Errors error = outcome.getNow(Errors.COORDINATOR_NOT_AVAILABLE);
      DeletableGroupResult result =
          new DeletableGroupResult().setGroupId(name).setErrorCode(error.code());
      if (version >= MESSAGE_SINCE && error != Errors.NONE) {
        result.setErrorMessage(error.message());
      }
      response.results().add(result);
    });
    return response;
  }
}

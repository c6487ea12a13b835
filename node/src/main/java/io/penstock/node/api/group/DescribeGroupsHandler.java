package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.AuthorizedOperations;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.Groups;
import io.penstock.node.group.classic.ClassicGroup;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Tells who is in classic groups and what each member was assigned; every group for itself. */
public final class DescribeGroupsHandler extends TypedHandler<DescribeGroupsRequestData> {

  /** Before it, a group that is not there is called dead and is no error. */
  private static final short NOT_FOUND_FROM = 6;

  private static final String DEAD = "Dead";

  /** Names that one request may hold. */
  private static final int GROUPS_MAX = 10_000;

  /** Members that one response tells of; a group that has more is told of alone. */
  private static final int MEMBERS_MAX = 100_000;

  private static final long WAIT_MS = 5_000;

  private final GroupCoordinators coordinators;

  public DescribeGroupsHandler(GroupCoordinators coordinators) {
    super(ApiKeys.DESCRIBE_GROUPS, DescribeGroupsRequestData.class, 0, 6);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, DescribeGroupsRequestData request) {
    if (request.groups().size() > GROUPS_MAX) {
      context.closeConnection("more than " + GROUPS_MAX + " groups to describe");
      return;
    }
    int operations =
        request.includeAuthorizedOperations()
            ? AuthorizedOperations.GROUP
            : AuthorizedOperations.NOT_ASKED;
    // However often a group is named, it is told of once.
    Map<String, CompletableFuture<DescribedGroup>> asked = new LinkedHashMap<>();
    for (String groupId : request.groups()) {
      asked.computeIfAbsent(groupId, each -> ask(each, context.apiVersion()));
    }
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new)),
        _ -> answer(asked, operations),
        _ -> answer(asked, operations));
  }

  private CompletableFuture<DescribedGroup> ask(String groupId, short version) {
    CompletableFuture<DescribedGroup> described = new CompletableFuture<>();
    coordinators.<DescribedGroup>ask(
        groupId,
        (groups, _, reply, effects) ->
            effects.answerWhenStored(
                reply,
                describe(groups, groupId, version),
                _ -> refused(groupId, Errors.NOT_COORDINATOR)),
        refusal -> refused(groupId, refusal),
        described::complete);
    return described;
  }

  private static DescribedGroup describe(Groups groups, String groupId, short version) {
    ClassicGroup group = ClassicLookup.find(groups, groupId);
    if (group != null) {
      return group.describe();
    }
    return groups.find(groupId) == null && groups.hasOffsets(groupId)
        ? new DescribedGroup()
            .setGroupId(groupId)
            .setGroupState(Summary.ofOffsetsOnly(groupId).state())
        : dead(groupId, version);
  }

  private static DescribedGroup dead(String groupId, short version) {
    DescribedGroup dead = new DescribedGroup().setGroupId(groupId).setGroupState(DEAD);
    return version < NOT_FOUND_FROM
        ? dead
        : dead.setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
            .setErrorMessage("Group " + groupId + " not found.");
  }

  private static DescribedGroup refused(String groupId, Errors error) {
    return new DescribedGroup().setGroupId(groupId).setErrorCode(error.code());
  }

  /** What is there by now; clients ask again for what is not, or for what was too much. */
  private static DescribeGroupsResponseData answer(
      Map<String, CompletableFuture<DescribedGroup>> asked, int operations) {
    DescribeGroupsResponseData response = new DescribeGroupsResponseData();
    int[] members = {0};
    asked.forEach((groupId, description) -> {
      boolean told = description.isDone() && !description.isCompletedExceptionally();
      DescribedGroup group =
          told ? description.join() : refused(groupId, Errors.COORDINATOR_NOT_AVAILABLE);
      int more = group.members().size();
      if (members[0] > 0 && members[0] + more > MEMBERS_MAX) {
        group = refused(groupId, Errors.COORDINATOR_LOAD_IN_PROGRESS);
      } else {
        members[0] += more;
      }
      response.groups().add(group.setAuthorizedOperations(operations));
    });
    return response;
  }
}

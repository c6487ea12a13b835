package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.AuthorizedOperations;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.Groups;
import io.penstock.node.group.classic.ClassicGroup;
import java.util.List;
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

  /** Of a name under which there are offsets, and no group. */
  private static final String EMPTY = "Empty";

  private static final String DEAD = "Dead";

  private final GroupCoordinators coordinators;

  public DescribeGroupsHandler(GroupCoordinators coordinators) {
    super(ApiKeys.DESCRIBE_GROUPS, DescribeGroupsRequestData.class, 0, 6);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, DescribeGroupsRequestData request) {
    int operations =
        request.includeAuthorizedOperations()
            ? AuthorizedOperations.GROUP
            : AuthorizedOperations.NOT_ASKED;
    List<CompletableFuture<DescribedGroup>> asked =
        request.groups().stream().map(groupId -> ask(groupId, context.apiVersion())).toList();
    LaterAnswer.respondWhen(
        context,
        CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)),
        _ -> answer(asked, operations),
        failure -> {
          throw new IllegalStateException("a description failed", failure);
        });
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
        ? new DescribedGroup().setGroupId(groupId).setGroupState(EMPTY)
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

  private static DescribeGroupsResponseData answer(
      List<CompletableFuture<DescribedGroup>> asked, int operations) {
    List<DescribedGroup> groups =
        asked.stream()
            .map(CompletableFuture::join)
            .map(group -> group.setAuthorizedOperations(operations))
            .toList();
    return new DescribeGroupsResponseData().setGroups(groups);
  }
}

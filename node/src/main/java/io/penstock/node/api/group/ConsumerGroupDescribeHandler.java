package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.AuthorizedOperations;
import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.Groups;
import io.penstock.node.group.consumer.ConsumerGroup;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Tells who is in groups of the consumer protocol, what each member has and shall have; every group
 * for itself.
 */
public final class ConsumerGroupDescribeHandler
    extends TypedHandler<ConsumerGroupDescribeRequestData> {

  /** Names that one request may hold. */
  private static final int GROUPS_MAX = 10_000;

  /** Members that one response tells of; a group that has more is told of alone. */
  private static final int MEMBERS_MAX = 100_000;

  private static final long WAIT_MS = 5_000;

  private final GroupCoordinators coordinators;

  public ConsumerGroupDescribeHandler(GroupCoordinators coordinators) {
    super(ApiKeys.CONSUMER_GROUP_DESCRIBE, ConsumerGroupDescribeRequestData.class, 0, 1);
    this.coordinators = coordinators;
  }

  @Override
  protected void serve(RequestContext context, ConsumerGroupDescribeRequestData request) {
    if (request.groupIds().size() > GROUPS_MAX) {
      context.closeConnection("more than " + GROUPS_MAX + " groups to describe");
      return;
    }
    int operations =
        request.includeAuthorizedOperations()
            ? AuthorizedOperations.GROUP
            : AuthorizedOperations.NOT_ASKED;
    // However often a group is named, it is told of once.
    Map<String, CompletableFuture<DescribedGroup>> asked = new LinkedHashMap<>();
    for (String groupId : request.groupIds()) {
      asked.computeIfAbsent(groupId, this::ask);
    }
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new)),
        _ -> answer(asked, operations),
        _ -> answer(asked, operations));
  }

  private CompletableFuture<DescribedGroup> ask(String groupId) {
    if (groupId.isEmpty()) {
      return CompletableFuture.completedFuture(refused(groupId, Errors.INVALID_GROUP_ID));
    }
    CompletableFuture<DescribedGroup> described = new CompletableFuture<>();
    coordinators.<DescribedGroup>ask(
        groupId,
        (groups, _, reply, effects) ->
            effects.answerWhenStored(
                reply, describe(groups, groupId), _ -> refused(groupId, Errors.NOT_COORDINATOR)),
        refusal -> refused(groupId, refusal),
        described::complete);
    return described;
  }

  private static DescribedGroup describe(Groups groups, String groupId) {
    return groups.find(groupId) instanceof ConsumerGroup group
        ? group.describeAll()
        : new DescribedGroup()
            .setGroupId(groupId)
            .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
            .setErrorMessage("Group " + groupId + " is not a consumer group.");
  }

  private static DescribedGroup refused(String groupId, Errors error) {
    return new DescribedGroup()
        .setGroupId(groupId)
        .setErrorCode(error.code())
        .setErrorMessage(error.message());
  }

  /** What is there by now; clients ask again for what is not, or for what was too much. */
  private static ConsumerGroupDescribeResponseData answer(
      Map<String, CompletableFuture<DescribedGroup>> asked, int operations) {
    ConsumerGroupDescribeResponseData response = new ConsumerGroupDescribeResponseData();
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

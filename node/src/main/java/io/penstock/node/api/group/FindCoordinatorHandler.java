package io.penstock.node.api.group;

import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.OffsetsTopic;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients which node coordinates their groups: the leader of the group's partition, on any
 * node. The first one to ask has the topic of the groups created.
 */
public final class FindCoordinatorHandler extends TypedHandler<FindCoordinatorRequestData> {

  private static final byte GROUP = 0;
  private static final int BATCHED_SINCE = 4;
  private static final int NO_NODE = -1;
  private static final int KEYS_MAX = 100_000;
  private static final long CREATION_WAIT_MS = 5_000;

  private final Supplier<KnownLeaders> leaders;
  private final OffsetsTopicCreation creation;

  public FindCoordinatorHandler(Supplier<KnownLeaders> leaders, OffsetsTopicCreation creation) {
    super(ApiKeys.FIND_COORDINATOR, FindCoordinatorRequestData.class, 0, 6);
    this.leaders = leaders;
    this.creation = creation;
  }

  @Override
  protected void serve(RequestContext context, FindCoordinatorRequestData request) {
    if (request.coordinatorKeys().size() > KEYS_MAX) {
      context.closeConnection("coordinators of more than " + KEYS_MAX + " groups asked");
      return;
    }
    short version = context.apiVersion();
    KnownLeaders known = leaders.get();
    if (request.keyType() != GROUP || known.image().topic(OffsetsTopic.NAME) != null) {
      context.respond(answer(version, request, known));
      return;
    }
    // Whatever became of the creation, the answer tells what there is then.
    LaterAnswer.respondWithin(
        CREATION_WAIT_MS,
        context,
        creation.ensure(),
        _ -> answer(version, request, leaders.get()),
        _ -> answer(version, request, leaders.get()));
  }

  private static FindCoordinatorResponseData answer(
      short version, FindCoordinatorRequestData request, KnownLeaders known) {
    FindCoordinatorResponseData response = new FindCoordinatorResponseData();
    if (version >= BATCHED_SINCE) {
      for (String key : request.coordinatorKeys()) {
        response.coordinators().add(find(key, request.keyType(), known));
      }
      return response;
    }
    Coordinator found = find(request.key(), request.keyType(), known);
    return response
        .setErrorCode(found.errorCode())
        .setErrorMessage(found.errorMessage())
        .setNodeId(found.nodeId())
        .setHost(found.host())
        .setPort(found.port());
  }

  private static Coordinator find(String key, byte type, KnownLeaders known) {
    if (type != GROUP) {
      return none(key, Errors.INVALID_REQUEST)
          .setErrorMessage("this version coordinates groups, no transactions and no share groups");
    }
    BrokerImage leader = leaderOf(key, known);
    if (leader == null) {
      return none(key, Errors.COORDINATOR_NOT_AVAILABLE);
    }
    return new Coordinator()
        .setKey(key)
        .setErrorCode(Errors.NONE.code())
        .setErrorMessage(Errors.NONE.message())
        .setNodeId(leader.id())
        .setHost(leader.client().host())
        .setPort(leader.client().port());
  }

  private static Coordinator none(String key, Errors error) {
    return new Coordinator()
        .setKey(key)
        .setErrorCode(error.code())
        .setErrorMessage(error.message())
        .setNodeId(NO_NODE)
        .setHost("")
        .setPort(NO_NODE);
  }

  private static @Nullable BrokerImage leaderOf(String groupId, KnownLeaders known) {
    TopicImage topic = known.image().topic(OffsetsTopic.NAME);
    if (topic == null) {
      return null;
    }
    PartitionImage partition = topic.partition(OffsetsTopic.partitionOf(groupId, topic));
    return partition == null ? null : known.brokerLeading(partition);
  }
}

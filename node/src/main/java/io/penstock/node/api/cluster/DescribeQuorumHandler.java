package io.penstock.node.api.cluster;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.cluster.GroupStatus;
import io.penstock.replication.cluster.GroupStatus.Member;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.value.Address;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Listener;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ListenerCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.message.DescribeQuorumResponseData.TopicData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Tells who decides for the cluster and how far everybody follows. The groups are the partitions of
 * {@code __cluster_metadata}: 0, which Kafka's tools ask for, is {@code leadership}, and 1 is
 * {@code metadata}. Offsets are one more than the index of the last entry, as offsets are in Kafka.
 */
public final class DescribeQuorumHandler extends TypedHandler<DescribeQuorumRequestData> {

  private static final String TOPIC = "__cluster_metadata";
  private static final String LISTENER = "PEER";
  private static final List<GroupName> GROUPS = List.of(GroupName.values());
  private static final int NODES_SINCE = 2;
  private static final int PARTITIONS_MAX = 1_000;
  private static final long WAIT_MS = 10_000;

  private final ControlPlane control;

  public DescribeQuorumHandler(ControlPlane control) {
    super(ApiKeys.DESCRIBE_QUORUM, DescribeQuorumRequestData.class, 0, 2);
    this.control = control;
  }

  /** A group's members, or why they are not known. */
  private record Finding(@Nullable GroupStatus status, String why) {}

  @Override
  protected void serve(RequestContext context, DescribeQuorumRequestData request) {
    int asked = request.topics().stream().mapToInt(topic -> topic.partitions().size()).sum();
    if (asked > PARTITIONS_MAX) {
      context.closeConnection("quorums of more than " + PARTITIONS_MAX + " partitions asked for");
      return;
    }
    Map<GroupName, CompletableFuture<Finding>> findings = new EnumMap<>(GroupName.class);
    for (DescribeQuorumRequestData.TopicData topic : request.topics()) {
      for (DescribeQuorumRequestData.PartitionData partition : topic.partitions()) {
        if (isGroup(topic.topicName(), partition.partitionIndex())) {
          findings.computeIfAbsent(
              GROUPS.get(partition.partitionIndex()), group -> find(context, group));
        }
      }
    }
    CompletableFuture<?> all =
        CompletableFuture.allOf(findings.values().toArray(CompletableFuture[]::new));
    LaterAnswer.respondWhen(
        context,
        all,
        _ -> response(context, request, findings),
        _ -> response(context, request, findings));
  }

  private static boolean isGroup(String topic, int partition) {
    return topic.equals(TOPIC) && partition >= 0 && partition < GROUPS.size();
  }

  private CompletableFuture<Finding> find(RequestContext context, GroupName group) {
    return LaterAnswer.within(WAIT_MS, context, control.describe(group))
        .handle((status, failure) ->
            failure == null
                ? new Finding(status, "")
                : new Finding(null, "the group " + group.text() + " has no leader that answers"));
  }

  private DescribeQuorumResponseData response(
      RequestContext context,
      DescribeQuorumRequestData request,
      Map<GroupName, CompletableFuture<Finding>> findings) {
    DescribeQuorumResponseData response = new DescribeQuorumResponseData().setErrorMessage(null);
    Map<Integer, Address> addresses = new LinkedHashMap<>();
    for (DescribeQuorumRequestData.TopicData topic : request.topics()) {
      TopicData described = new TopicData().setTopicName(topic.topicName());
      for (DescribeQuorumRequestData.PartitionData partition : topic.partitions()) {
        int index = partition.partitionIndex();
        CompletableFuture<Finding> finding =
            isGroup(topic.topicName(), index) ? findings.get(GROUPS.get(index)) : null;
        described.partitions().add(partition(index, finding, addresses));
      }
      response.topics().add(described);
    }
    if (context.apiVersion() < NODES_SINCE) {
      response.topics().forEach(DescribeQuorumHandler::forgetDirectories);
      return response;
    }
    addresses.forEach((id, address) -> response.nodes().add(node(id, address)));
    return response;
  }

  /** Earlier versions have no way to say them. */
  private static void forgetDirectories(TopicData topic) {
    for (PartitionData partition : topic.partitions()) {
      partition.currentVoters().forEach(state -> state.setReplicaDirectoryId(Uuid.ZERO_UUID));
      partition.observers().forEach(state -> state.setReplicaDirectoryId(Uuid.ZERO_UUID));
    }
  }

  private PartitionData partition(
      int index, @Nullable CompletableFuture<Finding> found, Map<Integer, Address> addresses) {
    if (found == null) {
      Errors error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
      return refused(index, error, error.message());
    }
    Finding finding = found.join();
    GroupStatus status = finding.status();
    if (status == null) {
      return refused(index, Errors.LEADER_NOT_AVAILABLE, finding.why());
    }
    status.voters().forEach(member -> noteAddress(member, addresses));
    status.observers().forEach(member -> noteAddress(member, addresses));
    return new PartitionData()
        .setPartitionIndex(index)
        .setErrorMessage(null)
        .setLeaderId(status.leaderId())
        .setLeaderEpoch((int) Math.min(Integer.MAX_VALUE, status.leaderEpoch()))
        .setHighWatermark(status.committedIndex() + 1)
        .setCurrentVoters(status.voters().stream().map(DescribeQuorumHandler::state).toList())
        .setObservers(status.observers().stream().map(DescribeQuorumHandler::state).toList());
  }

  private static PartitionData refused(int index, Errors error, String message) {
    return new PartitionData()
        .setPartitionIndex(index)
        .setErrorCode(error.code())
        .setErrorMessage(message)
        .setLeaderId(-1)
        .setLeaderEpoch(-1)
        .setHighWatermark(-1);
  }

  private static ReplicaState state(Member member) {
    return new ReplicaState()
        .setReplicaId(member.nodeId())
        .setReplicaDirectoryId(KafkaIds.toKafka(member.directoryId()))
        .setLogEndOffset(member.lastIndex() < 0 ? -1 : member.lastIndex() + 1)
        .setLastFetchTimestamp(member.lastContactMs())
        .setLastCaughtUpTimestamp(member.lastCaughtUpMs());
  }

  private void noteAddress(Member member, Map<Integer, Address> addresses) {
    Address address = member.address();
    if (address == null) {
      BrokerImage broker = control.image().leadership().broker(member.nodeId());
      address = broker == null ? null : broker.peer();
    }
    if (address != null && address.port() > 0) { // a lone voter need not be reached by anybody
      addresses.putIfAbsent(member.nodeId(), address);
    }
  }

  private static Node node(int id, Address address) {
    ListenerCollection listeners = new ListenerCollection(1);
    listeners.add(new Listener().setName(LISTENER).setHost(address.host()).setPort(address.port()));
    return new Node().setNodeId(id).setListeners(listeners);
  }
}

package io.penstock.client;

import io.penstock.client.ClusterDescription.Broker;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import io.penstock.client.net.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Requests and answers about the cluster itself, to and from this package's records. Pure. */
final class ClusterMessages {

  private static final int FENCED_SINCE = 2;
  private static final String QUORUM_TOPIC = "__cluster_metadata";
  private static final List<String> GROUPS =
      List.of(QuorumDescription.LEADERSHIP, QuorumDescription.METADATA);

  private ClusterMessages() {}

  static DescribeClusterRequestData describeCluster(int version) {
    return new DescribeClusterRequestData().setIncludeFencedBrokers(version >= FENCED_SINCE);
  }

  static ClusterDescription cluster(DescribeClusterResponseData response) throws AdminException {
    check("describe the cluster", response.errorCode(), response.errorMessage());
    List<Broker> brokers = new ArrayList<>(response.brokers().size());
    response
        .brokers()
        .forEach(b ->
            brokers.add(
                new Broker(
                    b.brokerId(), new Endpoint(b.host(), b.port()), b.rack(), b.isFenced())));
    brokers.sort(Comparator.comparingInt(Broker::id));
    return new ClusterDescription(response.clusterId(), response.controllerId(), brokers);
  }

  /** Each group is a partition of the topic that Kafka's tools ask about. */
  static DescribeQuorumRequestData describeQuorum() {
    DescribeQuorumRequestData.TopicData topic =
        new DescribeQuorumRequestData.TopicData().setTopicName(QUORUM_TOPIC);
    for (int i = 0; i < GROUPS.size(); i++) {
      topic.partitions().add(new DescribeQuorumRequestData.PartitionData().setPartitionIndex(i));
    }
    return new DescribeQuorumRequestData().setTopics(List.of(topic));
  }

  static QuorumDescription quorum(DescribeQuorumResponseData response) throws AdminException {
    check("describe the quorum", response.errorCode(), response.errorMessage());
    Map<Integer, Group> groups = new TreeMap<>();
    response
        .topics()
        .forEach(topic ->
            topic.partitions().stream()
                .filter(p -> p.partitionIndex() >= 0 && p.partitionIndex() < GROUPS.size())
                .forEach(p -> groups.put(p.partitionIndex(), group(p))));
    if (groups.size() != GROUPS.size()) {
      throw new AdminException(
          Errors.UNKNOWN_SERVER_ERROR, "the broker's answer does not mention both Raft groups");
    }
    Map<Integer, Endpoint> addresses = new TreeMap<>();
    for (var node : response.nodes()) {
      for (var listener : node.listeners()) {
        if (listener.port() > 0) { // a lone voter need not be reached by anybody
          addresses.put(node.nodeId(), new Endpoint(listener.host(), listener.port()));
        }
      }
    }
    return new QuorumDescription(List.copyOf(groups.values()), addresses);
  }

  private static Group group(PartitionData partition) {
    Errors error = Errors.forCode(partition.errorCode());
    String message = partition.errorMessage();
    String problem =
        error == Errors.NONE
            ? ""
            : AdminMessages.withoutFullStop(message == null ? error.message() : message);
    return new Group(
        GROUPS.get(partition.partitionIndex()),
        error == Errors.NONE ? partition.leaderId() : -1,
        partition.leaderEpoch(),
        partition.highWatermark(),
        partition.currentVoters().stream().map(ClusterMessages::member).toList(),
        partition.observers().stream().map(ClusterMessages::member).toList(),
        problem);
  }

  private static Member member(ReplicaState state) {
    return new Member(
        state.replicaId(),
        MetadataMessages.uuid(state.replicaDirectoryId()),
        state.logEndOffset(),
        state.lastFetchTimestamp(),
        state.lastCaughtUpTimestamp());
  }

  static AddRaftVoterRequestData addVoter(int id, @Nullable UUID directoryId, int timeoutMs) {
    return new AddRaftVoterRequestData()
        .setClusterId(null)
        .setTimeoutMs(timeoutMs)
        .setVoterId(id)
        .setVoterDirectoryId(directory(directoryId));
  }

  static RemoveRaftVoterRequestData removeVoter(int id, @Nullable UUID directoryId) {
    return new RemoveRaftVoterRequestData()
        .setClusterId(null)
        .setVoterId(id)
        .setVoterDirectoryId(directory(directoryId));
  }

  /** None stands for whichever the node has. */
  private static Uuid directory(@Nullable UUID id) {
    return id == null
        ? Uuid.ZERO_UUID
        : new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  /** Fails with the broker's words where it refused. */
  static void check(String what, short errorCode, @Nullable String brokerMessage)
      throws AdminException {
    Errors error = Errors.forCode(errorCode);
    if (error != Errors.NONE) {
      throw refusal(what, error, brokerMessage);
    }
  }

  private static AdminException refusal(String what, Errors error, @Nullable String brokerMessage) {
    String why = brokerMessage == null || brokerMessage.isBlank() ? error.message() : brokerMessage;
    String remedy = why.contains("remedy: ") ? "" : remedy(error);
    return new AdminException(
        error,
        "cannot "
            + what
            + ": "
            + AdminMessages.withoutFullStop(why)
            + (remedy.isEmpty() ? "" : "; " + remedy));
  }

  private static String remedy(Errors error) {
    return switch (error) {
      case DUPLICATE_VOTER, VOTER_NOT_FOUND -> "'penstock cluster status' shows who votes";
      case BROKER_NOT_AVAILABLE ->
          "start the node with this cluster's voters in its penstock.yaml, then ask again";
      case REQUEST_TIMED_OUT ->
          "it may have happened or still happen: look at 'penstock cluster status', then ask again";
      default -> "";
    };
  }
}

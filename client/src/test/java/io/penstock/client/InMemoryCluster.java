package io.penstock.client;

import io.penstock.client.net.FakeBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Listener;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ListenerCollection;
import org.apache.kafka.common.message.DescribeQuorumResponseData.Node;
import org.apache.kafka.common.message.DescribeQuorumResponseData.PartitionData;
import org.apache.kafka.common.message.DescribeQuorumResponseData.ReplicaState;
import org.apache.kafka.common.message.DescribeQuorumResponseData.TopicData;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Teaches a {@link FakeBroker} to speak of a cluster: its brokers, and voters that come and go.
 * Node 1 leads both groups; a directory's id is {@code (0, n)}.
 */
public final class InMemoryCluster {

  /** What the leader's clock shows. */
  public static final long NOW_MS = 1_000_000;

  /** The offset after the last entry. */
  public static final long END = 5_000;

  private final List<DescribeClusterBroker> brokers = new CopyOnWriteArrayList<>();
  private final List<ReplicaState> voters = new CopyOnWriteArrayList<>();
  private final List<ReplicaState> observers = new CopyOnWriteArrayList<>();
  private final List<String> changes = new CopyOnWriteArrayList<>();
  private volatile Errors quorumError = Errors.NONE;
  private volatile Errors voterError = Errors.NONE;

  /** A cluster without nodes yet. */
  public static InMemoryCluster serve(FakeBroker broker) {
    InMemoryCluster cluster = new InMemoryCluster();
    broker
        .on(
            ApiKeys.DESCRIBE_CLUSTER,
            e -> e.answer(cluster.describe((DescribeClusterRequestData) e.request())))
        .on(
            ApiKeys.DESCRIBE_QUORUM,
            e -> e.answer(cluster.quorum((DescribeQuorumRequestData) e.request())))
        .on(
            ApiKeys.ADD_RAFT_VOTER,
            e -> e.answer(cluster.add((AddRaftVoterRequestData) e.request())))
        .on(
            ApiKeys.REMOVE_RAFT_VOTER,
            e -> e.answer(cluster.remove((RemoveRaftVoterRequestData) e.request())));
    return cluster;
  }

  public InMemoryCluster broker(int id, boolean fenced) {
    brokers.add(
        new DescribeClusterBroker()
            .setBrokerId(id)
            .setHost("node" + id)
            .setPort(9092)
            .setRack(id == 1 ? "east" : null)
            .setIsFenced(fenced));
    return this;
  }

  /** A voter that was heard of a moment ago and has everything. */
  public InMemoryCluster voter(int id, int directory) {
    voters.add(state(id, directory, END, NOW_MS, NOW_MS));
    return this;
  }

  public InMemoryCluster voter(int id, int directory, long end, long contactMs, long caughtUpMs) {
    voters.add(state(id, directory, end, contactMs, caughtUpMs));
    return this;
  }

  public InMemoryCluster observer(int id, int directory) {
    observers.add(state(id, directory, END - 3, NOW_MS - 20, NOW_MS - 20));
    return this;
  }

  /** What is answered about {@code leadership} from now on. */
  public InMemoryCluster quorumError(Errors error) {
    quorumError = error;
    return this;
  }

  /** What is answered to additions from now on. */
  public InMemoryCluster voterError(Errors error) {
    voterError = error;
    return this;
  }

  /** The changes of voters that were asked for, in order. */
  public List<String> changes() {
    return List.copyOf(changes);
  }

  private static ReplicaState state(
      int id, int directory, long end, long contactMs, long caughtUpMs) {
    return new ReplicaState()
        .setReplicaId(id)
        .setReplicaDirectoryId(new Uuid(0, directory))
        .setLogEndOffset(end)
        .setLastFetchTimestamp(contactMs)
        .setLastCaughtUpTimestamp(caughtUpMs);
  }

  private DescribeClusterResponseData describe(DescribeClusterRequestData request) {
    DescribeClusterResponseData response =
        new DescribeClusterResponseData().setClusterId("test").setControllerId(1);
    brokers.stream()
        .filter(broker -> request.includeFencedBrokers() || !broker.isFenced())
        .forEach(broker -> response.brokers().add(broker.duplicate()));
    return response;
  }

  private DescribeQuorumResponseData quorum(DescribeQuorumRequestData request) {
    DescribeQuorumResponseData response = new DescribeQuorumResponseData();
    TopicData topic = new TopicData().setTopicName(request.topics().get(0).topicName());
    for (DescribeQuorumRequestData.PartitionData asked : request.topics().get(0).partitions()) {
      topic.partitions().add(partition(asked.partitionIndex()));
    }
    response.topics().add(topic);
    for (ReplicaState voter : voters) {
      ListenerCollection listeners = new ListenerCollection(1);
      listeners.add(
          new Listener().setName("PEER").setHost("node" + voter.replicaId()).setPort(9093));
      response.nodes().add(new Node().setNodeId(voter.replicaId()).setListeners(listeners));
    }
    return response;
  }

  private PartitionData partition(int index) {
    if (index == 0 && quorumError != Errors.NONE) {
      return new PartitionData()
          .setPartitionIndex(index)
          .setErrorCode(quorumError.code())
          .setErrorMessage("nobody leads.");
    }
    return new PartitionData()
        .setPartitionIndex(index)
        .setLeaderId(1)
        .setLeaderEpoch(7)
        .setHighWatermark(END)
        .setCurrentVoters(copy(voters))
        .setObservers(copy(observers));
  }

  private static List<ReplicaState> copy(List<ReplicaState> states) {
    List<ReplicaState> copy = new ArrayList<>();
    states.forEach(state -> copy.add(state.duplicate()));
    return copy;
  }

  private AddRaftVoterResponseData add(AddRaftVoterRequestData request) {
    changes.add("add " + request.voterId() + "/" + directory(request.voterDirectoryId()));
    if (request.clusterId() != null) {
      return new AddRaftVoterResponseData().setErrorCode(Errors.INCONSISTENT_CLUSTER_ID.code());
    }
    return new AddRaftVoterResponseData().setErrorCode(voterError.code()).setErrorMessage(null);
  }

  private RemoveRaftVoterResponseData remove(RemoveRaftVoterRequestData request) {
    changes.add("remove " + request.voterId() + "/" + directory(request.voterDirectoryId()));
    if (request.clusterId() != null) {
      return new RemoveRaftVoterResponseData().setErrorCode(Errors.INCONSISTENT_CLUSTER_ID.code());
    }
    return new RemoveRaftVoterResponseData().setErrorCode(Errors.NONE.code()).setErrorMessage(null);
  }

  private static long directory(Uuid id) {
    return id.getLeastSignificantBits();
  }
}

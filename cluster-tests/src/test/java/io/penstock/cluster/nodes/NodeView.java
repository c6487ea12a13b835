package io.penstock.cluster.nodes;

import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.jspecify.annotations.Nullable;

/** The cluster as one node sees and changes it. Used by one thread. */
public final class NodeView implements AutoCloseable {

  /** The groups that decide, as DescribeQuorum numbers them. */
  public enum Group {
    LEADERSHIP(0),
    METADATA(1);

    private final int partition;

    Group(int partition) {
      this.partition = partition;
    }
  }

  private static final byte TOPIC = 2;
  private static final int ANSWER_MS_MAX = 30_000;

  private final NodeClient client;

  /** Connects to a node. */
  public NodeView(TestNode node) throws IOException {
    this(node, ANSWER_MS_MAX);
  }

  /** Connects to a node; an answer that takes longer than {@code answerMsMax} is an exception. */
  public NodeView(TestNode node, int answerMsMax) throws IOException {
    client = new NodeClient("127.0.0.1", node.port(), "cluster-tests", answerMsMax);
  }

  /** Creates a topic that keeps records for {@code retentionMs}; the node's answer. */
  public Errors create(String topic, int partitions, int replicas, long retentionMs, int timeoutMs)
      throws IOException {
    var wanted =
        new CreatableTopic()
            .setName(topic)
            .setNumPartitions(partitions)
            .setReplicationFactor((short) replicas);
    wanted
        .configs()
        .add(
            new CreatableTopicConfig()
                .setName("retention.ms")
                .setValue(Long.toString(retentionMs)));
    var data = new CreateTopicsRequestData().setTimeoutMs(timeoutMs);
    data.topics().add(wanted);
    var answer =
        client.ask(new CreateTopicsRequest.Builder(data).build(), CreateTopicsResponse.class);
    return Errors.forCode(answer.data().topics().iterator().next().errorCode());
  }

  /** Creates a topic, or fails. */
  public void create(String topic, int partitions, int replicas) throws IOException {
    Errors error = create(topic, partitions, replicas, 86_400_000, ANSWER_MS_MAX);
    if (error != Errors.NONE) {
      throw new IOException("cannot create " + topic + ": " + error);
    }
  }

  /** Deletes a topic; the node's answer. */
  public Errors delete(String topic) throws IOException {
    var state = new DeleteTopicsRequestData.DeleteTopicState().setName(topic);
    var data = new DeleteTopicsRequestData().setTopics(List.of(state)).setTimeoutMs(ANSWER_MS_MAX);
    var answer =
        client.ask(new DeleteTopicsRequest.Builder(data).build(), DeleteTopicsResponse.class);
    return Errors.forCode(answer.data().responses().iterator().next().errorCode());
  }

  /** All topics of the node's image, with their partitions. */
  public Map<String, List<MetadataResponsePartition>> topics() throws IOException {
    var data = new MetadataRequestData().setTopics(null).setAllowAutoTopicCreation(false);
    var answer = client.ask(new MetadataRequest.Builder(data).build(), MetadataResponse.class);
    Map<String, List<MetadataResponsePartition>> topics = new TreeMap<>();
    for (MetadataResponseTopic topic : answer.data().topics()) {
      topics.put(topic.name(), topic.partitions());
    }
    return topics;
  }

  /** The partitions of these topics, as the node's image has them. */
  public List<MetadataResponsePartition> partitions(List<String> names) throws IOException {
    var topics =
        names.stream()
            .map(name -> new MetadataRequestData.MetadataRequestTopic().setName(name))
            .toList();
    var data = new MetadataRequestData().setTopics(topics).setAllowAutoTopicCreation(false);
    var answer = client.ask(new MetadataRequest.Builder(data).build(), MetadataResponse.class);
    List<MetadataResponsePartition> partitions = new ArrayList<>();
    answer.data().topics().forEach(topic -> partitions.addAll(topic.partitions()));
    return partitions;
  }

  /** The brokers that are not fenced. */
  public Set<Integer> livingBrokers() throws IOException {
    return brokers(false);
  }

  /** The brokers that are registered, fenced or not. */
  public Set<Integer> registeredBrokers() throws IOException {
    return brokers(true);
  }

  private Set<Integer> brokers(boolean fencedToo) throws IOException {
    var data = new DescribeClusterRequestData().setIncludeFencedBrokers(fencedToo);
    var answer =
        client.ask(new DescribeClusterRequest.Builder(data).build(), DescribeClusterResponse.class);
    Set<Integer> ids = new TreeSet<>();
    answer.data().brokers().forEach(broker -> ids.add(broker.brokerId()));
    return ids;
  }

  /** The cluster's id. */
  public String clusterId() throws IOException {
    var data = new DescribeClusterRequestData();
    var request = new DescribeClusterRequest.Builder(data).build();
    return client.ask(request, DescribeClusterResponse.class).data().clusterId();
  }

  /** What a topic's setting is, or null where the node knows no such topic. */
  public @Nullable String setting(String topic, String name) throws IOException {
    var resource =
        new DescribeConfigsRequestData.DescribeConfigsResource()
            .setResourceType(TOPIC)
            .setResourceName(topic)
            .setConfigurationKeys(List.of(name));
    var data = new DescribeConfigsRequestData().setResources(List.of(resource));
    var answer =
        client.ask(new DescribeConfigsRequest.Builder(data).build(), DescribeConfigsResponse.class);
    var result = answer.data().results().getFirst();
    return result.configs().isEmpty() ? null : result.configs().getFirst().value();
  }

  /** What the leader of a group knows of it, or null where there is none to ask. */
  public DescribeQuorumResponseData.@Nullable PartitionData quorum(Group group) throws IOException {
    var partition =
        new DescribeQuorumRequestData.PartitionData().setPartitionIndex(group.partition);
    var topic =
        new DescribeQuorumRequestData.TopicData()
            .setTopicName("__cluster_metadata")
            .setPartitions(List.of(partition));
    var data = new DescribeQuorumRequestData().setTopics(List.of(topic));
    var answer =
        client.ask(new DescribeQuorumRequest.Builder(data).build(), DescribeQuorumResponse.class);
    if (answer.data().errorCode() != 0 || answer.data().topics().isEmpty()) {
      return null;
    }
    var found = answer.data().topics().getFirst().partitions().getFirst();
    return found.errorCode() == 0 ? found : null;
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}

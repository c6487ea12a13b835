package io.penstock.client;

import io.penstock.client.net.BrokerConnection;
import io.penstock.client.net.ClientTransport;
import io.penstock.client.net.ConnectionPool;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Administers a cluster through any of its brokers. Questions go to the next broker where one does
 * not answer; a change is sent once, since a change without an answer may have happened. Futures
 * fail with {@link AdminException} where the broker refused, and with {@link
 * io.penstock.client.net.BrokerConnectionException} where there was no answer. Safe on every
 * thread; owns its connections.
 */
public final class Admin implements AutoCloseable {

  private final ClientTransport transport;
  private final ConnectionPool pool;
  private final ClusterMetadata metadata;
  private final int requestTimeoutMs;

  private Admin(List<Endpoint> bootstrap, ConnectionSettings settings) {
    this.transport = ClientTransport.owning("penstock-admin", 1);
    this.pool = new ConnectionPool(transport, settings);
    this.metadata = new ClusterMetadata(bootstrap, pool);
    this.requestTimeoutMs = (int) Math.min(Integer.MAX_VALUE, settings.requestTimeoutMs());
  }

  /** Connects when it is first asked something. */
  public static Admin of(List<Endpoint> bootstrap, ConnectionSettings settings) {
    return new Admin(bootstrap, settings);
  }

  public ClusterMetadata metadata() {
    return metadata;
  }

  /** Creates topics; each gets its own answer, the id of the new topic. */
  public Map<String, CompletableFuture<UUID>> createTopics(List<NewTopic> topics) {
    Map<String, CompletableFuture<UUID>> answers = new LinkedHashMap<>();
    topics.forEach(topic -> answers.put(topic.name(), new CompletableFuture<>()));
    var unused =
        changing(connection ->
                connection.call(
                    ApiKeys.CREATE_TOPICS,
                    version -> AdminMessages.createTopics(topics, requestTimeoutMs),
                    CreateTopicsResponseData.class))
            .whenComplete((response, failure) -> Answers.created(answers, response, failure));
    return answers;
  }

  /** Creates one topic. */
  public CompletableFuture<UUID> createTopic(NewTopic topic) {
    return createTopics(List.of(topic)).values().iterator().next();
  }

  /** Deletes topics; each gets its own answer. */
  public Map<String, CompletableFuture<Void>> deleteTopics(Collection<String> names) {
    Map<String, CompletableFuture<Void>> answers = new LinkedHashMap<>();
    names.forEach(name -> answers.put(name, new CompletableFuture<>()));
    var unused =
        changing(connection ->
                connection.call(
                    ApiKeys.DELETE_TOPICS,
                    version ->
                        AdminMessages.deleteTopics(answers.keySet(), requestTimeoutMs, version),
                    DeleteTopicsResponseData.class))
            .whenComplete((response, failure) -> Answers.deleted(answers, response, failure));
    return answers;
  }

  /** All topics, in the order of their names. */
  public CompletableFuture<List<TopicDescription>> listTopics() {
    return metadata.refresh().thenApply(snapshot -> List.copyOf(snapshot.topics().values()));
  }

  /** The topics with these names, in that order; fails where one of them does not exist. */
  public CompletableFuture<List<TopicDescription>> describeTopics(Collection<String> names) {
    List<String> asked = List.copyOf(names);
    return metadata.ask(asked).thenApply(response -> described(asked, response));
  }

  /** All settings in effect for each topic, by topic and in the order of their names. */
  public CompletableFuture<Map<String, List<ConfigValue>>> topicConfigs(Collection<String> names) {
    List<String> asked = List.copyOf(names);
    return metadata
        .onAnyBroker(connection ->
            connection.call(
                ApiKeys.DESCRIBE_CONFIGS,
                version -> AdminMessages.describeTopicConfigs(asked),
                DescribeConfigsResponseData.class))
        .thenCompose(response -> attempt(() -> AdminMessages.topicConfigs(response)));
  }

  /** The brokers, those that are fenced too. */
  public CompletableFuture<ClusterDescription> describeCluster() {
    return metadata
        .onAnyBroker(connection ->
            connection.call(
                ApiKeys.DESCRIBE_CLUSTER,
                ClusterMessages::describeCluster,
                DescribeClusterResponseData.class))
        .thenCompose(response -> attempt(() -> ClusterMessages.cluster(response)));
  }

  /** The Raft groups that decide for the cluster. */
  public CompletableFuture<QuorumDescription> describeQuorum() {
    return metadata
        .onAnyBroker(connection ->
            connection.call(
                ApiKeys.DESCRIBE_QUORUM,
                version -> ClusterMessages.describeQuorum(),
                DescribeQuorumResponseData.class))
        .thenCompose(response -> attempt(() -> ClusterMessages.quorum(response)));
  }

  /**
   * Gives a node a vote. Completes when it has one in every group.
   *
   * @param directoryId null stands for the directory that the node has at present
   */
  public CompletableFuture<Void> addVoter(int nodeId, @Nullable UUID directoryId) {
    return changing(connection ->
            connection.call(
                ApiKeys.ADD_RAFT_VOTER,
                version -> ClusterMessages.addVoter(nodeId, directoryId, answerWithinMs()),
                AddRaftVoterResponseData.class))
        .thenCompose(response ->
            checked(
                "make node " + nodeId + " a voter", response.errorCode(), response.errorMessage()));
  }

  /**
   * Takes a node's vote. Completes when it has none in any group.
   *
   * @param directoryId null stands for the only one that the node votes under
   */
  public CompletableFuture<Void> removeVoter(int nodeId, @Nullable UUID directoryId) {
    return changing(connection ->
            connection.call(
                ApiKeys.REMOVE_RAFT_VOTER,
                version -> ClusterMessages.removeVoter(nodeId, directoryId),
                RemoveRaftVoterResponseData.class))
        .thenCompose(response ->
            checked(
                "take the vote of node " + nodeId, response.errorCode(), response.errorMessage()));
  }

  /**
   * How the cluster is, from one answer to each of several questions, perhaps of several brokers.
   */
  public CompletableFuture<ClusterStatus> clusterStatus() {
    CompletableFuture<ClusterDescription> cluster = describeCluster();
    CompletableFuture<QuorumDescription> quorum = describeQuorum();
    CompletableFuture<PartitionCounts> partitions = listTopics().thenApply(PartitionCounts::of);
    return CompletableFuture.allOf(cluster, quorum, partitions)
        .thenApply(all ->
            new ClusterStatus(
                cluster.join(), quorum.join(), partitions.join(), System.currentTimeMillis()));
  }

  /** Closes the connections; what is still pending fails. */
  @Override
  public void close() {
    pool.close();
    transport.close();
  }

  /** A broker that gives up a little earlier than we do can still say why. */
  private int answerWithinMs() {
    return requestTimeoutMs - requestTimeoutMs / 10;
  }

  private <T> CompletableFuture<T> changing(
      java.util.function.Function<BrokerConnection, CompletableFuture<T>> request) {
    return metadata.anyBroker().thenCompose(request);
  }

  /** Reads an answer. */
  @FunctionalInterface
  private interface Reading<T> {
    T read() throws AdminException;
  }

  private static <T> CompletableFuture<T> attempt(Reading<T> reading) {
    try {
      return CompletableFuture.completedFuture(reading.read());
    } catch (AdminException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static CompletableFuture<Void> checked(
      String what, short errorCode, @Nullable String message) {
    try {
      ClusterMessages.check(what, errorCode, message);
      return CompletableFuture.completedFuture(null);
    } catch (AdminException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static List<TopicDescription> described(
      List<String> asked, MetadataResponseData response) {
    Map<String, TopicDescription> found = MetadataMessages.snapshot(response).topics();
    Map<String, Errors> refused = MetadataMessages.refusals(response);
    return asked.stream()
        .map(name -> {
          TopicDescription description = found.get(name);
          if (description != null) {
            return description;
          }
          Errors error = refused.getOrDefault(name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
          throw new CompletionException(AdminMessages.refusal("describe", name, error, null));
        })
        .toList();
  }
}

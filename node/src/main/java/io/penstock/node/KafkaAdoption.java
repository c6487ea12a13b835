package io.penstock.node;

import io.penstock.node.api.admin.ReservedTopics;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the topics that an Apache Kafka broker left in the data directories: each becomes a
 * topic of the same name and id, led here, in an epoch above all that its records were written in.
 * What only Kafka's controller knew (the topics' settings) is not in the directories and starts
 * from the defaults. Kafka's own internal topics are left alone. Used by the thread that starts the
 * node.
 */
final class KafkaAdoption {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaAdoption.class);
  private static final int TOPICS_IN_COMMAND = 500;
  private static final int NAMED_IN_WARNING = 10;

  private final StartProposals proposals;
  private final int nodeId;

  /** The logs of one topic name, as far as they were found. */
  private static final class Found {
    private final List<LogId> ids = new ArrayList<>();
    private final List<PartitionLog> logs = new ArrayList<>();

    boolean isOneTopic() {
      UUID id = ids.getFirst().topicId();
      return !id.equals(LogId.UNKNOWN_TOPIC_ID)
          && ids.stream().allMatch(other -> other.topicId().equals(id));
    }

    int partitionCount() {
      return ids.stream().mapToInt(LogId::partition).max().orElse(-1) + 1;
    }

    long highestProducerId() {
      return logs.stream()
          .flatMap(log -> log.producers().stream())
          .mapToLong(producer -> producer.producerId())
          .max()
          .orElse(-1);
    }

    int nextLeaderEpoch() {
      int latest = -1;
      for (PartitionLog log : logs) {
        latest = Math.max(latest, log.epochs().latestEpoch().orElse(-1));
      }
      return latest + 1;
    }
  }

  KafkaAdoption(StartProposals proposals, NodeConfig config) {
    this.proposals = proposals;
    this.nodeId = config.node().id();
  }

  /** Waits for the logs to be recovered, since only then it is known what they hold. */
  void adopt(Map<LogId, CompletionStage<PartitionLog>> logs) throws NodeStartException {
    List<NewTopic> topics = new ArrayList<>();
    Map<String, Found> byTopic = byTopic(logs);
    long producerId =
        byTopic.values().stream().mapToLong(Found::highestProducerId).max().orElse(-1);
    proposals.leaveOutProducerIds(producerId);
    for (Map.Entry<String, Found> entry : byTopic.entrySet()) {
      String name = entry.getKey();
      Found found = entry.getValue();
      String problem = ReservedTopics.problemWithNew(name);
      if (problem != null) {
        LOG.info("Leaving Kafka's topic alone: topic={} reason={}", name, problem);
      } else if (!found.isOneTopic()) {
        LOG.warn("Logs do not agree on their topic's id, leaving them alone: topic={}", name);
      } else {
        List<NodeIds> here = Collections.nCopies(found.partitionCount(), NodeIds.of(nodeId));
        topics.add(
            NewTopic.assigned(name, found.ids.getFirst().topicId(), here)
                .withFirstLeaderEpoch(found.nextLeaderEpoch()));
      }
    }
    for (int from = 0; from < topics.size(); from += TOPICS_IN_COMMAND) {
      create(topics.subList(from, Math.min(topics.size(), from + TOPICS_IN_COMMAND)));
    }
    LOG.info("Took over topics of Kafka: topics={}", topics.size());
  }

  private static Map<String, Found> byTopic(Map<LogId, CompletionStage<PartitionLog>> logs)
      throws NodeStartException {
    Map<String, Found> topics = new TreeMap<>();
    for (Map.Entry<LogId, CompletionStage<PartitionLog>> entry : logs.entrySet()) {
      Found found = topics.computeIfAbsent(entry.getKey().topic(), _ -> new Found());
      found.ids.add(entry.getKey());
      try {
        found.logs.add(entry.getValue().toCompletableFuture().join());
      } catch (CompletionException e) {
        throw new NodeStartException(
            "partition " + entry.getKey() + " cannot be taken over: " + e.getMessage(), e);
      }
    }
    return topics;
  }

  private void create(List<NewTopic> topics) throws NodeStartException {
    LeadershipResult result = proposals.ask(new CreateTopics(topics));
    if (!(result instanceof TopicsResult(List<TopicOutcome> outcomes))) {
      throw new NodeStartException("the cluster refused topics to take over: " + result);
    }
    for (TopicOutcome outcome : outcomes) {
      boolean done =
          outcome.error().isNone() || outcome.error() == ControlError.TOPIC_ALREADY_EXISTS;
      if (!done) {
        throw new NodeStartException(
            "topic " + outcome.name() + " cannot be taken over: " + outcome.message());
      }
    }
  }

  /** Logs that belong to no topic of the cluster are not touched, but said. */
  static void reportUnknown(Collection<LogId> logs, LeadershipImage image) {
    List<LogId> unknown =
        logs.stream().filter(id -> image.partition(id.topicId(), id.partition()) == null).toList();
    if (!unknown.isEmpty()) {
      LOG.warn(
          "Logs of no known topic are left alone; delete their directories if they are not needed:"
              + " logs={} first={}",
          unknown.size(),
          unknown.subList(0, Math.min(NAMED_IN_WARNING, unknown.size())));
    }
  }
}

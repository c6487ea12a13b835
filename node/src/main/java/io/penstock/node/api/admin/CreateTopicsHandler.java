package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.TopicCreation.Outcome;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Creates topics, each for itself, and answers when clients can use them. A topic that is created
 * but not served within the request's time is reported as timed out; it stays.
 */
public final class CreateTopicsHandler extends TypedHandler<CreateTopicsRequestData> {

  private final TopicCreation creation;

  public CreateTopicsHandler(TopicCreation creation) {
    super(ApiKeys.CREATE_TOPICS, CreateTopicsRequestData.class, 2, 7);
    this.creation = creation;
  }

  @Override
  protected void serve(RequestContext context, CreateTopicsRequestData request) {
    Map<String, CreatableTopicResult> results = new HashMap<>();
    List<TopicWish> wishes = new ArrayList<>();
    if (request.topics().size() > AdminLimits.CHANGES_MAX) {
      String message = "more than " + AdminLimits.CHANGES_MAX + " topics in one request";
      for (CreatableTopic topic : request.topics()) {
        results.put(topic.name(), error(topic.name(), Errors.POLICY_VIOLATION, message));
      }
    } else {
      sort(request, wishes, results);
    }
    CompletionStage<List<Outcome>> outcomes =
        request.validateOnly()
            ? CompletableFuture.completedFuture(creation.tryOut(wishes))
            : creation.create(wishes);
    CompletionStage<List<Outcome>> served = outcomes.thenCompose(CreateTopicsHandler::allServed);
    LaterAnswer.respondWithin(
        AdminLimits.waitMs(request.timeoutMs()),
        context,
        served,
        _ -> response(request, withOutcomes(results, wishes, outcomes, null)),
        failure -> response(request, withOutcomes(results, wishes, outcomes, failure)));
  }

  /** Parts what can be wished for from what is wrong with the request itself. */
  private static void sort(
      CreateTopicsRequestData request,
      List<TopicWish> wishes,
      Map<String, CreatableTopicResult> results) {
    Set<String> seen = new HashSet<>();
    for (CreatableTopic topic : request.topics()) {
      if (!seen.add(topic.name())) {
        results.put(
            topic.name(), error(topic.name(), Errors.INVALID_REQUEST, "Duplicate topic name."));
      }
    }
    for (CreatableTopic topic : request.topics()) {
      if (results.containsKey(topic.name())) {
        continue;
      }
      CreatableTopicResult refusal = refusal(topic);
      if (refusal == null) {
        wishes.add(wish(topic));
      } else {
        results.put(topic.name(), refusal);
      }
    }
  }

  private static @Nullable CreatableTopicResult refusal(CreatableTopic topic) {
    String name = topic.name();
    for (CreatableTopicConfig config : topic.configs()) {
      if (config.value() == null) {
        return error(name, Errors.INVALID_CONFIG, "no value for " + config.name());
      }
    }
    if (topic.assignments().isEmpty()) {
      if (topic.numPartitions() < 1 && topic.numPartitions() != TopicWish.BY_DEFAULT) {
        return error(name, Errors.INVALID_PARTITIONS, "the number of partitions is below 1");
      }
      if (topic.replicationFactor() < 1 && topic.replicationFactor() != TopicWish.BY_DEFAULT) {
        return error(name, Errors.INVALID_REPLICATION_FACTOR, "the replication factor is below 1");
      }
      return null;
    }
    if (topic.numPartitions() != -1 || topic.replicationFactor() != -1) {
      String message = "with assignments, the numbers of partitions and replicas have to be -1";
      return error(name, Errors.INVALID_REQUEST, message);
    }
    for (int index = 0; index < topic.assignments().size(); index++) {
      if (topic.assignments().find(index) == null) {
        String message = "the assigned partitions are not numbered 0, 1, 2, ...";
        return error(name, Errors.INVALID_REPLICA_ASSIGNMENT, message);
      }
    }
    return null;
  }

  private static TopicWish wish(CreatableTopic topic) {
    List<NodeIds> assignments = new ArrayList<>();
    for (int index = 0; index < topic.assignments().size(); index++) {
      CreatableReplicaAssignment assignment = topic.assignments().find(index);
      assignments.add(NodeIds.copyOf(assignment.brokerIds()));
    }
    SortedMap<String, String> configs = new TreeMap<>();
    for (CreatableTopicConfig config : topic.configs()) {
      configs.put(config.name(), config.value());
    }
    return new TopicWish(
        topic.name(), topic.numPartitions(), topic.replicationFactor(), assignments, configs);
  }

  private static CompletionStage<List<Outcome>> allServed(List<Outcome> outcomes) {
    return CompletableFuture.allOf(
            outcomes.stream()
                .map(outcome -> outcome.served().toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .thenApply(_ -> outcomes);
  }

  private Map<String, CreatableTopicResult> withOutcomes(
      Map<String, CreatableTopicResult> results,
      List<TopicWish> wishes,
      CompletionStage<List<Outcome>> outcomes,
      @Nullable Throwable failure) {
    CompletableFuture<List<Outcome>> known = outcomes.toCompletableFuture();
    if (known.isDone() && !known.isCompletedExceptionally()) {
      for (Outcome outcome : known.join()) {
        results.put(outcome.wish().name(), result(outcome));
      }
      return results;
    }
    Errors error =
        failure == null ? Errors.UNKNOWN_SERVER_ERROR : ControlErrors.unanswered(failure);
    for (TopicWish wish : wishes) {
      results.put(wish.name(), error(wish.name(), error, null));
    }
    return results;
  }

  private CreatableTopicResult result(Outcome outcome) {
    String name = outcome.wish().name();
    if (!outcome.isCreated()) {
      return error(name, outcome.error(), outcome.message());
    }
    CompletableFuture<?> served = outcome.served().toCompletableFuture();
    if (!served.isDone()) {
      String message = "created, but not all of its partitions are open yet";
      return error(name, Errors.REQUEST_TIMED_OUT, message);
    }
    if (served.isCompletedExceptionally()) {
      String message = "created, but not all of its partitions could be opened";
      return error(name, Errors.KAFKA_STORAGE_ERROR, message);
    }
    List<CreatableTopicConfigs> configs = new ArrayList<>();
    for (ListedConfig config : ConfigListing.ofTopic(creation.settingsOf(outcome.wish()))) {
      configs.add(
          new CreatableTopicConfigs()
              .setName(config.name())
              .setValue(config.value())
              .setReadOnly(config.readOnly())
              .setConfigSource(config.source().code())
              .setIsSensitive(false));
    }
    return new CreatableTopicResult()
        .setName(name)
        .setTopicId(KafkaIds.toKafka(outcome.id()))
        .setNumPartitions(creation.partitionsOf(outcome.wish()))
        .setReplicationFactor((short) creation.replicationFactorOf(outcome.wish()))
        .setConfigs(configs);
  }

  private static CreatableTopicResult error(String name, Errors error, @Nullable String message) {
    return new CreatableTopicResult()
        .setName(name)
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : message);
  }

  private static CreateTopicsResponseData response(
      CreateTopicsRequestData request, Map<String, CreatableTopicResult> results) {
    CreateTopicsResponseData response = new CreateTopicsResponseData();
    for (CreatableTopic topic : request.topics()) {
      CreatableTopicResult result = results.remove(topic.name());
      if (result != null) {
        response.topics().add(result);
      }
    }
    return response;
  }
}

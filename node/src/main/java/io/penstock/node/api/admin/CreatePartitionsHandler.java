package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.NodeIds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Gives topics more partitions and answers when those can be used. */
public final class CreatePartitionsHandler extends TypedHandler<CreatePartitionsRequestData> {

  private final ControlPlane control;
  private final LocalPartitions local;
  private final NodeConfig.Limits limits;

  public CreatePartitionsHandler(
      ControlPlane control, LocalPartitions local, NodeConfig.Limits limits) {
    super(ApiKeys.CREATE_PARTITIONS, CreatePartitionsRequestData.class, 0, 3);
    this.control = control;
    this.local = local;
    this.limits = limits;
  }

  @Override
  protected void serve(RequestContext context, CreatePartitionsRequestData request) {
    if (request.topics().size() > AdminLimits.CHANGES_MAX) {
      context.closeConnection("growth of more than " + AdminLimits.CHANGES_MAX + " topics asked");
      return;
    }
    long waitMs = AdminLimits.waitMs(request.timeoutMs());
    LeadershipImage image = control.image().leadership();
    Set<String> repeated = repeated(request);
    int room =
        Math.min(limits.partitions() - image.partitionCount(), AdminLimits.NEW_PARTITIONS_MAX);
    List<CompletableFuture<CreatePartitionsTopicResult>> results = new ArrayList<>();
    for (CreatePartitionsTopic topic : request.topics()) {
      if (repeated.contains(topic.name())) {
        continue;
      }
      TopicImage known = image.topic(topic.name());
      int added = known == null ? 0 : topic.count() - known.partitionCount();
      CreatePartitionsTopicResult refusal = refusal(topic, known, added > room);
      if (refusal != null || known == null) {
        results.add(CompletableFuture.completedFuture(refusal));
        continue;
      }
      room -= Math.max(0, added);
      CompletionStage<CreatePartitionsTopicResult> outcome =
          request.validateOnly() ? tryOut(topic, known, image) : create(topic, known);
      results.add(
          LaterAnswer.within(waitMs, context, outcome)
              .exceptionally(e -> error(topic.name(), ControlErrors.unanswered(e), null)));
    }
    for (String name : repeated) {
      results.add(
          CompletableFuture.completedFuture(
              error(name, Errors.INVALID_REQUEST, "Duplicate topic name.")));
    }
    CompletableFuture<?> all = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new));
    LaterAnswer.respondWhen(context, all, _ -> response(results), _ -> response(results));
  }

  private static Set<String> repeated(CreatePartitionsRequestData request) {
    Set<String> once = new HashSet<>();
    Set<String> repeated = new HashSet<>();
    for (CreatePartitionsTopic topic : request.topics()) {
      if (!once.add(topic.name())) {
        repeated.add(topic.name());
      }
    }
    return repeated;
  }

  private @Nullable CreatePartitionsTopicResult refusal(
      CreatePartitionsTopic topic, @Nullable TopicImage known, boolean tooMany) {
    if (known == null) {
      return error(topic.name(), Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
    }
    if (ReservedTopics.isInternal(topic.name())) {
      // What is kept in it is found by a hash over its partitions: with more of them, no group
      // would find its offsets again. Kafka has its tools refuse this, and its brokers do it.
      String message = "the number of partitions of '" + topic.name() + "' cannot be changed";
      return error(topic.name(), Errors.INVALID_TOPIC_EXCEPTION, message);
    }
    if (tooMany) {
      String message =
          "more partitions than `limits.partitions` ("
              + limits.partitions()
              + ") or one request ("
              + AdminLimits.NEW_PARTITIONS_MAX
              + ") allow";
      return error(topic.name(), Errors.POLICY_VIOLATION, message);
    }
    return null;
  }

  private static CompletionStage<CreatePartitionsTopicResult> tryOut(
      CreatePartitionsTopic topic, TopicImage known, LeadershipImage image) {
    TopicOutcome outcome =
        outcome(LeadershipRules.apply(image, command(topic, known)).result(), known);
    return CompletableFuture.completedFuture(result(topic.name(), outcome));
  }

  private CompletionStage<CreatePartitionsTopicResult> create(
      CreatePartitionsTopic topic, TopicImage known) {
    return control
        .propose(command(topic, known))
        .thenCompose(result -> {
          TopicOutcome outcome = outcome(result, known);
          CompletionStage<?> served =
              outcome.error().isNone()
                  ? local.whenServed(known.id(), topic.count())
                  : CompletableFuture.completedFuture(outcome);
          return served.handle((_, failure) -> served(topic.name(), outcome, failure));
        });
  }

  private static CreatePartitions command(CreatePartitionsTopic topic, TopicImage known) {
    List<NodeIds> assignments = new ArrayList<>();
    if (topic.assignments() != null) {
      for (CreatePartitionsAssignment assignment : topic.assignments()) {
        assignments.add(NodeIds.copyOf(assignment.brokerIds()));
      }
    }
    return new CreatePartitions(known.id(), topic.count(), assignments);
  }

  private static TopicOutcome outcome(LeadershipResult result, TopicImage known) {
    if (result instanceof Refused(ControlError error, String message)) {
      return new TopicOutcome(known.name(), known.id(), error, message);
    }
    return ((TopicsResult) result).topics().getFirst();
  }

  private static CreatePartitionsTopicResult served(
      String name, TopicOutcome outcome, @Nullable Throwable failure) {
    if (failure != null) {
      String message = "created, but not all new partitions could be opened";
      return error(name, Errors.KAFKA_STORAGE_ERROR, message);
    }
    return result(name, outcome);
  }

  private static CreatePartitionsTopicResult result(String name, TopicOutcome outcome) {
    return outcome.error().isNone()
        ? new CreatePartitionsTopicResult().setName(name).setErrorMessage(null)
        : error(name, ControlErrors.toKafka(outcome.error()), outcome.message());
  }

  private static CreatePartitionsTopicResult error(
      String name, Errors error, @Nullable String message) {
    return new CreatePartitionsTopicResult()
        .setName(name)
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : message);
  }

  private static CreatePartitionsResponseData response(
      List<CompletableFuture<CreatePartitionsTopicResult>> results) {
    CreatePartitionsResponseData response = new CreatePartitionsResponseData();
    for (CompletableFuture<CreatePartitionsTopicResult> result : results) {
      response.results().add(result.join());
    }
    return response;
  }
}

package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.ElectionKind;
import io.penstock.replication.leadership.LeadershipCommand.PartitionRef;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Elects leaders where an operator wants it: the preferred ones, or any that live where nobody who
 * has everything does. A request without a list means every partition; those that need no election
 * are then not mentioned.
 */
public final class ElectLeadersHandler extends TypedHandler<ElectLeadersRequestData> {

  private static final int ERRORS_SINCE = 1;
  private static final int REF_BYTES = 24;

  private final ControlPlane control;

  public ElectLeadersHandler(ControlPlane control) {
    super(ApiKeys.ELECT_LEADERS, ElectLeadersRequestData.class, 0, 2);
    this.control = control;
  }

  /** What became of one partition. */
  private record Election(String topic, int partition, Errors error, @Nullable String message) {}

  @Override
  protected void serve(RequestContext context, ElectLeadersRequestData request) {
    ElectionKind kind = kind(request.electionType());
    if (kind == null) {
      context.respond(new ElectLeadersResponseData().setErrorCode(Errors.INVALID_REQUEST.code()));
      return;
    }
    if (request.topicPartitions() != null && count(request) > AdminLimits.NAMES_MAX) {
      context.closeConnection("election of more than " + AdminLimits.NAMES_MAX + " partitions");
      return;
    }
    LaterAnswer.respondWithin(
        AdminLimits.waitMs(request.timeoutMs()),
        context,
        request.topicPartitions() == null ? electAll(kind) : elect(kind, request),
        ElectLeadersHandler::response,
        failure -> unanswered(context, request, ControlErrors.unanswered(failure)));
  }

  private static @Nullable ElectionKind kind(byte type) {
    return switch (type) {
      case 0 -> ElectionKind.PREFERRED;
      case 1 -> ElectionKind.UNCLEAN;
      default -> null;
    };
  }

  private static int count(ElectLeadersRequestData request) {
    int count = 0;
    for (TopicPartitions topic : request.topicPartitions()) {
      count += topic.partitions().size();
    }
    return count;
  }

  private CompletionStage<List<Election>> electAll(ElectionKind kind) {
    return control
        .propose(new ElectLeaders(kind, List.of()))
        .thenApply(result -> elections(kind, List.of(), result));
  }

  private CompletionStage<List<Election>> elect(
      ElectionKind kind, ElectLeadersRequestData request) {
    LeadershipImage image = control.image().leadership();
    List<Election> unknown = new ArrayList<>();
    List<PartitionRef> known = new ArrayList<>();
    for (TopicPartitions topic : request.topicPartitions()) {
      TopicImage found = image.topic(topic.topic());
      for (int partition : topic.partitions()) {
        if (found == null || found.partition(partition) == null) {
          unknown.add(
              new Election(
                  topic.topic(), partition, Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is none"));
        } else {
          known.add(new PartitionRef(found.id(), partition));
        }
      }
    }
    return Chunks.inTurn(
            Chunks.of(known, _ -> REF_BYTES),
            refs ->
                control
                    .propose(new ElectLeaders(kind, refs))
                    .thenApply(result -> elections(kind, refs, result)),
            (ref, error) -> election(ref.topicId(), ref.partition(), error, error.message()))
        .thenApply(elections -> {
          unknown.addAll(elections);
          return unknown;
        });
  }

  private List<Election> elections(
      ElectionKind kind, List<PartitionRef> refs, LeadershipResult result) {
    if (result instanceof Refused(ControlError error, String message)) {
      return refs.stream()
          .map(ref ->
              election(ref.topicId(), ref.partition(), ControlErrors.toKafka(error), message))
          .toList();
    }
    return ((PartitionsResult) result)
        .partitions().stream()
            .map(outcome -> {
              Errors error = toKafka(kind, outcome.error());
              String message = error == Errors.NONE ? null : error.message();
              return election(outcome.topicId(), outcome.partition(), error, message);
            })
            .toList();
  }

  /** A topic that was deleted meanwhile is named by its id. */
  private Election election(UUID topicId, int partition, Errors error, @Nullable String message) {
    TopicImage topic = control.image().leadership().topic(topicId);
    return new Election(
        topic == null ? topicId.toString() : topic.name(), partition, error, message);
  }

  private static Errors toKafka(ElectionKind kind, ControlError error) {
    return error == ControlError.NO_ELIGIBLE_LEADER && kind == ElectionKind.PREFERRED
        ? Errors.PREFERRED_LEADER_NOT_AVAILABLE
        : ControlErrors.toKafka(error);
  }

  private static ElectLeadersResponseData response(List<Election> elections) {
    Map<String, ReplicaElectionResult> topics = new TreeMap<>();
    for (Election election : elections) {
      topics
          .computeIfAbsent(election.topic(), name -> new ReplicaElectionResult().setTopic(name))
          .partitionResult()
          .add(
              new PartitionResult()
                  .setPartitionId(election.partition())
                  .setErrorCode(election.error().code())
                  .setErrorMessage(election.message()));
    }
    return new ElectLeadersResponseData().setReplicaElectionResults(List.copyOf(topics.values()));
  }

  /** Version 0 can say it only of partitions; where it names none, its connection is closed. */
  private static ElectLeadersResponseData unanswered(
      RequestContext context, ElectLeadersRequestData request, Errors error) {
    List<Election> elections = new ArrayList<>();
    if (request.topicPartitions() == null && context.apiVersion() < ERRORS_SINCE) {
      throw new ControlUnavailableException("version 0 has no way to say it");
    }
    if (request.topicPartitions() != null) {
      for (TopicPartitions topic : request.topicPartitions()) {
        for (int partition : topic.partitions()) {
          elections.add(new Election(topic.topic(), partition, error, error.message()));
        }
      }
    }
    ElectLeadersResponseData response = response(elections);
    return context.apiVersion() >= ERRORS_SINCE ? response.setErrorCode(error.code()) : response;
  }
}

package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.value.ControlError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Deletes topics by name or id: the topic first, then its configuration, so that no topic is ever
 * without what it was set to. Their files go later, in the background.
 */
public final class DeleteTopicsHandler extends TypedHandler<DeleteTopicsRequestData> {

  private static final int UUID_BYTES = 16;
  private static final int STATES_SINCE = 6;

  private final ControlPlane control;

  /** What became of one topic. */
  private record Deletion(UUID topicId, Errors error, String message) {

    static Deletion unanswered(UUID topicId, Errors error) {
      return new Deletion(topicId, error, error.message());
    }

    static Deletion of(TopicOutcome outcome) {
      return new Deletion(
          outcome.topicId(), ControlErrors.toKafka(outcome.error()), outcome.message());
    }
  }

  public DeleteTopicsHandler(ControlPlane control) {
    super(ApiKeys.DELETE_TOPICS, DeleteTopicsRequestData.class, 1, 6);
    this.control = control;
  }

  @Override
  protected void serve(RequestContext context, DeleteTopicsRequestData request) {
    List<DeleteTopicState> asked = asked(request, context.apiVersion());
    if (asked.size() > AdminLimits.CHANGES_MAX) {
      context.closeConnection("deletion of more than " + AdminLimits.CHANGES_MAX + " topics asked");
      return;
    }
    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
    Map<UUID, DeletableTopicResult> found = find(asked, response);
    List<List<UUID>> chunks = Chunks.of(List.copyOf(found.keySet()), _ -> UUID_BYTES);
    CompletionStage<List<Deletion>> deleted =
        Chunks.inTurn(chunks, this::delete, Deletion::unanswered);
    LaterAnswer.respondWithin(
        AdminLimits.waitMs(request.timeoutMs()),
        context,
        deleted,
        deletions -> {
          deletions.forEach(deletion -> report(deletion, found));
          return response;
        },
        failure -> {
          Errors error = ControlErrors.unanswered(failure);
          found.keySet().forEach(id -> report(Deletion.unanswered(id, error), found));
          return response;
        });
  }

  private static List<DeleteTopicState> asked(DeleteTopicsRequestData request, short version) {
    if (version >= STATES_SINCE) {
      return request.topics();
    }
    List<DeleteTopicState> topics = new ArrayList<>(request.topicNames().size());
    for (String name : request.topicNames()) {
      topics.add(new DeleteTopicState().setName(name));
    }
    return topics;
  }

  /** Puts an answer for each topic into the response; returns those that are still to be made. */
  private Map<UUID, DeletableTopicResult> find(
      List<DeleteTopicState> asked, DeleteTopicsResponseData response) {
    LeadershipImage image = control.image().leadership();
    Set<Object> repeated = repeated(asked);
    Set<Object> reported = new HashSet<>();
    Map<UUID, DeletableTopicResult> found = new LinkedHashMap<>();
    for (DeleteTopicState topic : asked) {
      DeletableTopicResult result =
          new DeletableTopicResult().setName(topic.name()).setTopicId(topic.topicId());
      Object key = key(topic);
      if (repeated.contains(key)) {
        if (reported.add(key)) {
          response.responses().add(fail(result, Errors.INVALID_REQUEST, "Duplicate topic."));
        }
        continue;
      }
      response.responses().add(result);
      boolean byId = !topic.topicId().equals(Uuid.ZERO_UUID);
      if (byId == (topic.name() != null)) {
        fail(result, Errors.INVALID_REQUEST, "A topic is named either by its name or by its id.");
        continue;
      }
      TopicImage known =
          byId ? image.topic(KafkaIds.fromKafka(topic.topicId())) : image.topic(topic.name());
      if (known == null) {
        fail(result, byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
      } else if (found.putIfAbsent(known.id(), result) == null) {
        result.setName(known.name()).setTopicId(KafkaIds.toKafka(known.id()));
      } else {
        fail(result, Errors.INVALID_REQUEST, "The topic is named by its name and by its id.");
      }
    }
    return found;
  }

  private static Set<Object> repeated(List<DeleteTopicState> asked) {
    Set<Object> once = new HashSet<>();
    Set<Object> repeated = new HashSet<>();
    for (DeleteTopicState topic : asked) {
      if (!once.add(key(topic))) {
        repeated.add(key(topic));
      }
    }
    return repeated;
  }

  private static Object key(DeleteTopicState topic) {
    return topic.name() != null ? topic.name() : topic.topicId();
  }

  /** A configuration that could not be deleted is left over; {@link ConfigReconciler} finds it. */
  private CompletionStage<List<Deletion>> delete(List<UUID> ids) {
    return control
        .propose(new DeleteTopics(ids))
        .thenApply(result -> deletions(ids, result))
        .thenCompose(
            deletions -> control.propose(new DeleteTopicConfigs(ids)).handle((_, _) -> deletions));
  }

  private static List<Deletion> deletions(List<UUID> ids, LeadershipResult result) {
    if (result instanceof Refused(ControlError error, String message)) {
      return ids.stream()
          .map(id -> new Deletion(id, ControlErrors.toKafka(error), message))
          .toList();
    }
    return ((TopicsResult) result).topics().stream().map(Deletion::of).toList();
  }

  private static void report(Deletion deletion, Map<UUID, DeletableTopicResult> found) {
    DeletableTopicResult result = found.get(deletion.topicId());
    if (result != null && deletion.error() != Errors.NONE) {
      fail(result, deletion.error(), deletion.message());
    }
  }

  private static DeletableTopicResult fail(
      DeletableTopicResult result, Errors error, @Nullable String message) {
    return result
        .setErrorCode(error.code())
        .setErrorMessage(message == null ? error.message() : message);
  }
}

package io.penstock.client;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Hands the parts of one broker answer to the futures that wait for them, and fails those that the
 * answer forgot. Stateless.
 */
final class Answers {

  private Answers() {}

  static void created(
      Map<String, CompletableFuture<UUID>> waiting,
      @Nullable CreateTopicsResponseData response,
      @Nullable Throwable failure) {
    if (response != null) {
      for (var topic : response.topics()) {
        CompletableFuture<UUID> answer = waiting.get(topic.name());
        Errors error = Errors.forCode(topic.errorCode());
        if (answer != null && error == Errors.NONE) {
          answer.complete(MetadataMessages.uuid(topic.topicId()));
        } else if (answer != null) {
          answer.completeExceptionally(
              AdminMessages.refusal("create", topic.name(), error, topic.errorMessage()));
        }
      }
    }
    failRest(waiting, failure);
  }

  static void deleted(
      Map<String, CompletableFuture<Void>> waiting,
      @Nullable DeleteTopicsResponseData response,
      @Nullable Throwable failure) {
    if (response != null) {
      for (var topic : response.responses()) {
        CompletableFuture<Void> answer = waiting.get(topic.name());
        Errors error = Errors.forCode(topic.errorCode());
        if (answer != null && error == Errors.NONE) {
          answer.complete(null);
        } else if (answer != null) {
          answer.completeExceptionally(
              AdminMessages.refusal("delete", topic.name(), error, topic.errorMessage()));
        }
      }
    }
    failRest(waiting, failure);
  }

  private static <T> void failRest(
      Map<String, CompletableFuture<T>> waiting, @Nullable Throwable failure) {
    waiting.forEach((name, answer) ->
        answer.completeExceptionally(
            failure != null
                ? ClusterMetadata.unwrap(failure)
                : new AdminException(
                    Errors.UNKNOWN_SERVER_ERROR,
                    "the broker's answer does not mention topic '" + name + "'")));
  }
}

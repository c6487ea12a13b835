package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What becomes of commands that are larger than an entry of the log may be. */
final class TooLarge {

  private TooLarge() {}

  /** Topics are created each for itself, so a list that is too long for one entry takes several. */
  static CompletionStage<LeadershipResult> split(
      LeadershipCommand command,
      Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose) {
    return propose
        .apply(command)
        .exceptionallyCompose(failure -> {
          if (!(cause(failure) instanceof CommandTooLargeException tooLarge)) {
            return CompletableFuture.failedFuture(cause(failure));
          }
          if (command instanceof CreateTopics(List<NewTopic> topics) && topics.size() > 1) {
            int half = topics.size() / 2;
            return split(new CreateTopics(topics.subList(0, half)), propose)
                .thenCombine(
                    split(new CreateTopics(topics.subList(half, topics.size())), propose),
                    TooLarge::join);
          }
          return CompletableFuture.completedFuture(refused(command, tooLarge));
        });
  }

  private static LeadershipResult join(LeadershipResult first, LeadershipResult second) {
    if (first instanceof TopicsResult(List<TopicOutcome> some)
        && second instanceof TopicsResult(List<TopicOutcome> more)) {
      List<TopicOutcome> all = new ArrayList<>(some);
      all.addAll(more);
      return new TopicsResult(all);
    }
    throw new IllegalStateException("creating topics made " + first + " and " + second);
  }

  private static LeadershipResult refused(LeadershipCommand command, Throwable why) {
    if (!(command instanceof CreateTopics(List<NewTopic> topics))) {
      return new LeadershipResult.Refused(ControlError.LIMIT_EXCEEDED, message(why));
    }
    return new TopicsResult(
        topics.stream()
            .map(t -> new TopicOutcome(t.name(), t.id(), ControlError.LIMIT_EXCEEDED, message(why)))
            .toList());
  }

  static CompletionStage<MetadataResult> refuse(CompletionStage<MetadataResult> result) {
    return result.exceptionallyCompose(failure ->
        cause(failure) instanceof CommandTooLargeException tooLarge
            ? CompletableFuture.completedFuture(
                new MetadataResult.Refused(ControlError.LIMIT_EXCEEDED, message(tooLarge)))
            : CompletableFuture.failedFuture(cause(failure)));
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}

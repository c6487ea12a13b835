package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.PartitionOutcome;
import io.penstock.replication.leadership.LeadershipResult.PartitionsResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
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

/**
 * What becomes of commands that are larger than an entry of the log may be: those whose parts are
 * each done for themselves take several entries, the others are refused.
 */
final class TooLarge {

  private TooLarge() {}

  /** Halves the command until its parts fit. */
  static CompletionStage<LeadershipResult> split(
      LeadershipCommand command,
      Function<LeadershipCommand, CompletionStage<LeadershipResult>> propose) {
    return propose
        .apply(command)
        .exceptionallyCompose(failure -> {
          if (!(cause(failure) instanceof CommandTooLargeException tooLarge)) {
            return CompletableFuture.failedFuture(cause(failure));
          }
          List<LeadershipCommand> halves = halves(command);
          if (halves.isEmpty()) {
            return CompletableFuture.completedFuture(refused(command, tooLarge));
          }
          return split(halves.getFirst(), propose)
              .thenCombine(split(halves.getLast(), propose), TooLarge::join);
        });
  }

  /** Two commands that do the same, or none where the command is one whole. */
  private static List<LeadershipCommand> halves(LeadershipCommand command) {
    return switch (command) {
      case CreateTopics(var topics) -> halves(topics, CreateTopics::new);
      case DeleteTopics(var ids) -> halves(ids, DeleteTopics::new);
      case ChangeIsr(int id, long epoch, var changes) ->
          halves(changes, half -> new ChangeIsr(id, epoch, half));
      case ElectLeaders(var kind, var partitions) ->
          halves(partitions, half -> new ElectLeaders(kind, half));
      case RegisterBroker _,
          UnfenceBroker _,
          FenceBroker _,
          DrainBroker _,
          UnregisterBroker _,
          CreatePartitions _,
          SetMinInsyncReplicas _ ->
          List.of();
    };
  }

  private static <T> List<LeadershipCommand> halves(
      List<T> parts, Function<List<T>, LeadershipCommand> command) {
    if (parts.size() < 2) {
      return List.of();
    }
    int half = parts.size() / 2;
    return List.of(
        command.apply(parts.subList(0, half)), command.apply(parts.subList(half, parts.size())));
  }

  private static LeadershipResult join(LeadershipResult first, LeadershipResult second) {
    if (first instanceof TopicsResult(List<TopicOutcome> some)
        && second instanceof TopicsResult(List<TopicOutcome> more)) {
      return new TopicsResult(both(some, more));
    }
    if (first instanceof PartitionsResult(List<PartitionOutcome> some)
        && second instanceof PartitionsResult(List<PartitionOutcome> more)) {
      return new PartitionsResult(both(some, more));
    }
    // The broker that asks is not the one it was: what became of the other half is in the image.
    return first instanceof Refused ? first : second;
  }

  private static <T> List<T> both(List<T> some, List<T> more) {
    List<T> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  private static LeadershipResult refused(LeadershipCommand command, Throwable why) {
    if (!(command instanceof CreateTopics(List<NewTopic> topics))) {
      return new Refused(ControlError.LIMIT_EXCEEDED, message(why));
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

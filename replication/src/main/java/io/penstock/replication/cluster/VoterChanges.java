package io.penstock.replication.cluster;

import io.penstock.replication.cluster.VoterChange.Outcome;
import io.penstock.replication.observer.TaskThread;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.UnknownFormatException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings a change of voters to the node that sees it through, which is the leader of {@code
 * leadership}, from whichever node it was asked of; asks again where that changes, since to ask
 * twice finishes what was begun once. Answers what other nodes ask about voters. Any thread may
 * call; what blocks is done on the thread for changes of voters, one change at a time.
 */
final class VoterChanges {

  private static final long CHANGE_MS = 60_000;
  private static final long DEADLINE_MS = 120_000;
  private static final long RETRY_MS = 250;

  private final Member self;
  private final PeerNetwork network;
  private final TaskThread changes;
  private final Tasks timer;
  private final List<GroupNode<?, ?, ?>> groups;
  private final LocalMembers members;
  private final VoterCoordinator coordinator;
  private final AtomicBoolean changing = new AtomicBoolean();

  VoterChanges(
      Member self,
      PeerNetwork network,
      TaskThread changes,
      Tasks timer,
      List<GroupNode<?, ?, ?>> groups,
      LocalMembers members,
      StatusReporter reporter,
      IntFunction<@Nullable Address> registered) {
    this.self = self;
    this.network = network;
    this.changes = changes;
    this.timer = timer;
    this.groups = List.copyOf(groups);
    this.members = members;
    this.coordinator =
        new VoterCoordinator(self, network, this.groups, members, reporter, registered);
  }

  CompletionStage<Outcome> change(VoterChange change) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    attempt(new Attempt(change, outcome, timer.nowMs() + DEADLINE_MS), false);
    return outcome;
  }

  /** A change that was asked of this node. */
  private record Attempt(VoterChange change, CompletableFuture<Outcome> outcome, long deadlineMs) {}

  /**
   * @param begun whether a former attempt may have done it, so that it is found done
   */
  private void attempt(Attempt attempt, boolean begun) {
    GroupNode<?, ?, ?> leadership = groups.getFirst();
    if (leadership.leadsHere()) {
      var _ =
          coordinate(attempt.change())
              .whenComplete((message, _) -> answered(attempt, begun, message));
      return;
    }
    Address leader = leadership.view().leaderAddress();
    if (leader == null || leadership.view().leaderId() == self.nodeId()) {
      retry(attempt, begun);
      return;
    }
    byte[] request = new VoterMessage.Change(attempt.change()).encode();
    var _ =
        network
            .ask(leader, PeerApi.VOTERS, request, CHANGE_MS)
            .whenComplete((bytes, _) -> answered(attempt, begun, read(bytes)));
  }

  private static @Nullable VoterMessage read(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : VoterMessage.decode(bytes);
    } catch (UnknownFormatException _) {
      return null;
    }
  }

  private void answered(Attempt attempt, boolean begun, @Nullable VoterMessage message) {
    switch (message) {
      case VoterMessage.Ended(Outcome outcome) ->
          attempt.outcome().complete(begun ? asFoundDone(attempt.change(), outcome) : outcome);
      case VoterMessage.NotLeader _ -> retry(attempt, begun);
      case null, default -> retry(attempt, true); // nobody knows how far it got
    }
  }

  /** What a former attempt did is what was asked for. */
  private static Outcome asFoundDone(VoterChange change, Outcome outcome) {
    VoterChange.Error done =
        switch (change) {
          case VoterChange.Add _ -> VoterChange.Error.DUPLICATE_VOTER;
          case VoterChange.Remove _ -> VoterChange.Error.VOTER_NOT_FOUND;
        };
    return outcome.error() == done ? Outcome.DONE : outcome;
  }

  private void retry(Attempt attempt, boolean begun) {
    if (timer.nowMs() < attempt.deadlineMs()) {
      timer.runAfter(RETRY_MS, () -> attempt(attempt, begun));
    } else if (begun) {
      attempt
          .outcome()
          .complete(
              new Outcome(
                  VoterChange.Error.UNKNOWN_OUTCOME,
                  "the leader has not answered; asking again finishes what it began"));
    } else {
      attempt
          .outcome()
          .completeExceptionally(
              ControlUnavailableException.nothingAsked(
                  "the voters were not changed: nobody leads", null));
    }
  }

  /** Sees a change through, if no other is under way. */
  private CompletionStage<VoterMessage> coordinate(VoterChange change) {
    if (!changing.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(
          new VoterMessage.Ended(
              new Outcome(VoterChange.Error.IN_PROGRESS, "another change of voters is under way")));
    }
    CompletableFuture<VoterMessage> done = new CompletableFuture<>();
    changes.run(() -> {
      VoterMessage message;
      try {
        message = coordinator.change(change);
      } catch (RuntimeException e) {
        message =
            new VoterMessage.Ended(
                new Outcome(VoterChange.Error.UNKNOWN_OUTCOME, "the change failed: " + e));
      } finally {
        changing.set(false);
      }
      done.complete(message);
    });
    return done;
  }

  PeerHandler handler() {
    return (_, body) -> {
      VoterMessage message = VoterMessage.decode(body);
      return switch (message) {
        case VoterMessage.Change(VoterChange change) ->
            groups.getFirst().leadsHere()
                ? coordinate(change).thenApply(VoterMessage::encode)
                : answer(new VoterMessage.NotLeader());
        case VoterMessage.Set set ->
            set.group() < groups.size()
                ? coordinator.set(set).thenApply(VoterMessage::encode)
                : refused("there is no group " + set.group());
        case VoterMessage.Who() -> answer(new VoterMessage.Self(self));
        case VoterMessage.Prepare(var clusterId) ->
            clusterId.equals(members.clusterId())
                ? members.openToBeAdded().thenApply(_ -> new VoterMessage.Self(self).encode())
                : refused("this node belongs to cluster " + members.clusterId());
        case VoterMessage.Self _, VoterMessage.Ended _, VoterMessage.NotLeader _ ->
            refused("an answer is no question");
      };
    };
  }

  private static CompletionStage<byte[]> answer(VoterMessage message) {
    return CompletableFuture.completedFuture(message.encode());
  }

  private static CompletionStage<byte[]> refused(String why) {
    return CompletableFuture.failedFuture(new IllegalArgumentException(why));
  }
}

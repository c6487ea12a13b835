package io.penstock.replication.proposal;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.UnknownFormatException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One command on its way: tries, one after the other, at whoever leads, until one of them says what
 * became of it or its time is over. An answer that comes late still counts. Its own lock guards its
 * state and is never held while anything else is called.
 */
final class Proposal<R> {

  /** A leader that is silent for so long is asked again, or the one after it. */
  static final long TRY_MS = 3_000;

  static final long ANY_TERM = -1;

  private static final long PAUSE_MIN_MS = 5;
  private static final long PAUSE_MAX_MS = 200;
  private static final int REDIRECTS_MAX = 2;

  private final Proposer<?, R> owner;
  private final UUID proposer;
  private final long callId;
  private final byte[] command;
  private final long onlyTerm;
  private final long deadlineMs;
  private final CompletableFuture<R> outcome = new CompletableFuture<>();
  private Tasks.@Nullable Handle deadline;
  private int currentTry;
  private int askedNode = GroupView.NOBODY;
  private @Nullable Address silent;
  private @Nullable GroupView hint;
  private int redirects;
  private int elsewhere;
  private long pauseMs = PAUSE_MIN_MS;
  private boolean mayHaveBeenTaken;
  private boolean settled;
  private String lastProblem = "nobody leads it";

  /**
   * @param onlyTerm the term in which this node is asked, while it leads, and nobody else; or
   *     {@link #ANY_TERM}, for anybody who leads
   */
  Proposal(
      Proposer<?, R> owner, UUID proposer, long callId, byte[] command, long onlyTerm, long nowMs) {
    this.owner = owner;
    this.proposer = proposer;
    this.callId = callId;
    this.command = command;
    this.onlyTerm = onlyTerm;
    this.deadlineMs = nowMs + owner.settings().timeoutMs();
  }

  CompletionStage<R> outcome() {
    return outcome.minimalCompletionStage();
  }

  void begin() {
    Tasks.Handle armed = owner.tasks().runAfter(owner.settings().timeoutMs(), this::expire);
    synchronized (this) {
      deadline = armed;
    }
    tryNow();
  }

  /**
   * Asked of somebody else, it is asked of the new leader, too; the first answer counts. What is
   * for one term of this node ends where that is over, unless it is decided.
   */
  void leaderChanged(GroupRole role) {
    int leaderId = role.leaderId();
    if (onlyTerm != ANY_TERM) {
      if (leaderId != owner.settings().selfId() || role.term() != onlyTerm) {
        endUnlessDecided("does not decide it", "this node does not lead it any more");
      }
      return;
    }
    synchronized (this) {
      if (settled || leaderId == GroupView.NOBODY || askedNode == leaderId) {
        return;
      }
      silent = null;
      hint = null;
    }
    tryNow();
  }

  private void tryNow() {
    int mine;
    synchronized (this) {
      if (settled || outcome.isDone()) {
        return;
      }
      mine = ++currentTry;
      askedNode = GroupView.NOBODY;
    }
    long term = owner.port().leadsInTerm();
    if (onlyTerm == ANY_TERM ? term >= 0 : term == onlyTerm) {
      submitHere(mine);
      return;
    }
    if (onlyTerm != ANY_TERM) {
      endUnlessDecided("was not asked", "this node does not lead it in that term");
      return;
    }
    Member target = target();
    if (target == null) {
      pause(mine);
      return;
    }
    synchronized (this) {
      askedNode = target.nodeId();
    }
    askThere(mine, target);
  }

  /** The leader that is known, or else a voter, who may know it. */
  private @Nullable Member target() {
    GroupView known = owner.port().view();
    GroupView told;
    Address avoided;
    int number;
    synchronized (this) {
      told = hint;
      avoided = silent;
      number = elsewhere;
    }
    GroupView view = told != null && told.term() >= known.term() ? told : known;
    Member leader = view.voter(view.leaderId());
    int self = owner.settings().selfId();
    if (view.leaderId() == self) {
      return null; // elected, and about to be ready
    }
    if (leader != null && !leader.address().equals(avoided)) {
      return leader;
    }
    List<Member> others = known.voters().stream().filter(v -> v.nodeId() != self).toList();
    return others.isEmpty() ? null : others.get(Math.floorMod(number, others.size()));
  }

  private void submitHere(int mine) {
    synchronized (this) {
      askedNode = owner.settings().selfId();
      mayHaveBeenTaken = true;
    }
    CompletionStage<Submission<R>> submitted;
    try {
      submitted = owner.port().submit(proposer, callId, command);
    } catch (RuntimeException e) {
      submitted = CompletableFuture.failedFuture(e);
    }
    // A leader without its majority holds what it was given.
    Tasks.Handle timeout = owner.tasks().runAfter(TRY_MS, () -> again(mine, "did not answer"));
    var _ =
        submitted.whenComplete((submission, failure) -> {
          timeout.cancel();
          if (failure != null) {
            again(mine, "did not take a command: " + cause(failure));
            return;
          }
          switch (submission) {
            case Submission.Applied<R>(long index, R result) -> applied(index, result);
            case Submission.NotLeader<R> _ -> again(mine, "this node does not lead it any more");
            case Submission.Retry<R>(String reason) -> again(mine, reason);
          }
        });
  }

  private void askThere(int mine, Member target) {
    byte[] body = new ProposeRequest(owner.settings().group(), proposer, callId, command).encode();
    long leftMs = Math.max(1, Math.min(TRY_MS, deadlineMs - owner.tasks().nowMs()));
    var _ =
        owner
            .network()
            .ask(target.address(), PeerApi.PROPOSE, body, leftMs)
            .whenComplete((bytes, failure) -> answered(mine, target, bytes, failure));
  }

  private void answered(
      int mine, Member target, byte @Nullable [] bytes, @Nullable Throwable failure) {
    if (bytes == null) {
      synchronized (this) {
        mayHaveBeenTaken |= mayHaveBeenServed(failure);
        silent = target.address();
        elsewhere++;
      }
      again(mine, "node " + target.nodeId() + ": " + cause(failure));
      return;
    }
    try {
      switch (ProposeAnswer.decode(bytes)) {
        case ProposeAnswer.Applied(long index, byte[] result) ->
            applied(index, owner.rules().decodeResult(result));
        case ProposeAnswer.NotLeader(GroupView view) -> redirected(mine, target, view);
        case ProposeAnswer.Retry(String reason) -> {
          synchronized (this) {
            mayHaveBeenTaken = true;
          }
          again(mine, reason);
        }
        case ProposeAnswer.Refused(String reason) ->
            fail(unavailable("refused a command", "node " + target.nodeId() + ": " + reason));
        case ProposeAnswer.Busy() -> again(mine, "node " + target.nodeId() + " has too much to do");
      }
    } catch (UnknownFormatException e) {
      fail(
          new ControlUnavailableException(
              text("answered what this version cannot read: " + e.getMessage()), e));
    }
  }

  private void redirected(int mine, Member target, GroupView view) {
    boolean atOnce;
    synchronized (this) {
      if (mine != currentTry) {
        return;
      }
      silent = null;
      hint = view.hasLeader() && view.leaderId() != target.nodeId() ? view : null;
      elsewhere++;
      lastProblem = "node " + target.nodeId() + " does not lead it";
      atOnce = hint != null && redirects++ < REDIRECTS_MAX;
    }
    if (atOnce) {
      tryNow();
    } else {
      pause(mine);
    }
  }

  private static boolean mayHaveBeenServed(@Nullable Throwable failure) {
    return !(cause(failure) instanceof PeerException peer)
        || switch (peer.kind()) {
          case REFUSED, UNREACHABLE, REJECTED, UNSUPPORTED, BUSY, CLOSED -> false;
          case LOST, TIMEOUT, FAILED -> true;
        };
  }

  private void again(int mine, String problem) {
    synchronized (this) {
      lastProblem = problem;
    }
    pause(mine);
  }

  private void pause(int mine) {
    long delayMs;
    synchronized (this) {
      if (mine != currentTry || settled) {
        return;
      }
      redirects = 0;
      delayMs = pauseMs;
      pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2);
    }
    owner
        .tasks()
        .runAfter(
            delayMs,
            () -> {
              synchronized (this) {
                if (mine != currentTry) {
                  return;
                }
              }
              tryNow();
            });
  }

  /** It is decided; what is left is that this node shows it. */
  private void applied(long index, R result) {
    synchronized (this) {
      if (settled) {
        return;
      }
      settled = true;
      lastProblem = "it was agreed on, but has not come here yet";
    }
    CompletionStage<Void> reached = owner.replica().reached(index);
    var _ = outcome.whenComplete((_, _) -> owner.replica().forget(reached));
    var _ = reached.thenRun(() -> end(() -> outcome.complete(result)));
  }

  private void expire() {
    fail(unavailable("has not answered in " + owner.settings().timeoutMs() + " ms", null));
  }

  void close() {
    fail(unavailable("did not answer before this node stopped", null));
  }

  private ControlUnavailableException unavailable(String what, @Nullable String problem) {
    synchronized (this) {
      String message = text(what + ": " + (problem == null ? lastProblem : problem));
      return mayHaveBeenTaken || settled
          ? new ControlUnavailableException(message)
          : ControlUnavailableException.nothingAsked(message, null);
    }
  }

  private void fail(ControlUnavailableException failure) {
    synchronized (this) {
      settled = true;
    }
    end(() -> outcome.completeExceptionally(failure));
  }

  /** Whoever comes first, this or {@link #applied}, has it. */
  private void endUnlessDecided(String what, String problem) {
    ControlUnavailableException failure;
    synchronized (this) {
      if (settled) {
        return;
      }
      failure = unavailable(what, problem);
      settled = true;
    }
    end(() -> outcome.completeExceptionally(failure));
  }

  private void end(Runnable completion) {
    Tasks.Handle armed;
    synchronized (this) {
      armed = deadline;
    }
    if (armed != null) {
      armed.cancel();
    }
    owner.ended(this, command.length);
    completion.run();
  }

  private String text(String what) {
    return "group '" + owner.settings().name() + "' " + what;
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}

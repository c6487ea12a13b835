package io.penstock.replication.proposal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.observer.ChainRules;
import io.penstock.replication.observer.GroupReplica;
import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.Tasks;
import io.penstock.replication.raft.GroupRole;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.Position;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A leader's own proposal, on whose outcome and on whose leadership two threads have news. */
@Timeout(60)
class EndOfLeadershipTest {

  private static final int SELF = 9;
  private static final GroupRole NEXT = new GroupRole(1, 2, false);
  private static final int CASES = 20_000;
  private static final int SPINS_MAX = 200;
  private static final int SPINS_BEFORE_PAUSE = 1_000;
  private static final long TIMEOUT_MS = 30_000;

  /** Counts how often a proposal ends, by the timers of whole proposals that are cancelled. */
  private static final class CountedEnds implements Tasks {
    private final AtomicInteger ends = new AtomicInteger();

    @Override
    public void run(Runnable task) {
      task.run();
    }

    @Override
    public Handle runAfter(long delayMs, Runnable task) {
      return delayMs == TIMEOUT_MS ? ends::incrementAndGet : () -> {};
    }

    @Override
    public long nowMs() {
      return 0;
    }
  }

  /** Its leader, which was given one command. */
  private static final class Leader implements GroupPort<Long> {
    private final CompletableFuture<Submission<Long>> outcome = new CompletableFuture<>();

    @Override
    public GroupView view() {
      return new GroupView(SELF, 1, List.of());
    }

    @Override
    public long leadsInTerm() {
      return 1;
    }

    @Override
    public CompletionStage<Submission<Long>> submit(UUID from, long callId, byte[] command) {
      return outcome;
    }
  }

  /** One proposal under way, and what it talks to. */
  private static final class Case {
    private final CountedEnds tasks = new CountedEnds();
    private final Leader leader = new Leader();
    private final Proposer<Integer, Long> proposer;
    private final CompletableFuture<Long> outcome;

    private Case() {
      GroupReplica<Long> replica = new GroupReplica<>(0L, (_, _) -> {});
      replica.offer(new Position(1, 1), 1L);
      proposer =
          new Proposer<>(
              new ChainRules(),
              leader,
              replica,
              (_, _, _, _) -> new CompletableFuture<>(),
              tasks,
              new ProposerSettings(0, "chain", SELF, 1000, TIMEOUT_MS));
      outcome = proposer.proposeHere(5, 1).toCompletableFuture();
    }
  }

  @Test
  void whatIsDecidedDoesNotEndASecondTimeWithTheLeadership() throws Exception {
    List<Case> cases = Stream.generate(Case::new).limit(CASES).toList();
    AtomicInteger arrivals = new AtomicInteger();

    CompletableFuture<Void> beside =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < CASES; i++) {
            meet(arrivals, i);
            cases.get(i).leader.outcome.complete(new Submission.Applied<>(1, 1005L));
          }
        });
    for (int i = 0; i < CASES; i++) {
      meet(arrivals, i);
      for (int spins = i % SPINS_MAX; spins > 0; spins--) {
        Thread.onSpinWait(); // now the one is first, then the other
      }
      cases.get(i).proposer.leaderChanged(NEXT);
    }
    beside.get(20, TimeUnit.SECONDS);

    for (Case each : cases) {
      assertTrue(each.outcome.isDone());
      assertEquals(1, each.tasks.ends.get(), "ends");
    }
  }

  /** Both threads leave as nearly at once as they can. */
  private static void meet(AtomicInteger arrivals, int index) {
    arrivals.incrementAndGet();
    for (int spins = 1; arrivals.get() < 2 * (index + 1); spins++) {
      if (spins % SPINS_BEFORE_PAUSE == 0) {
        LockSupport.parkNanos(1);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}

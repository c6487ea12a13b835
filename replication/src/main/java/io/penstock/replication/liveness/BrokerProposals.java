package io.penstock.replication.liveness;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipResult;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Proposals of one term about brokers, never two at once for one broker, so that none is answered
 * by what another has just changed. Used on the loop.
 */
final class BrokerProposals {

  private final LivenessServices services;
  private final long term;
  private final Set<Integer> underWay = new HashSet<>();

  /** Told on the loop what became of a proposal: one of the two is null. */
  interface Outcome {
    void accept(@Nullable LeadershipResult result, @Nullable Throwable failure);
  }

  BrokerProposals(LivenessServices services, long term) {
    this.services = services;
    this.term = term;
  }

  boolean isUnderWay(int brokerId) {
    return underWay.contains(brokerId);
  }

  /** Returns false, and does nothing, where another is under way for this broker. */
  boolean propose(int brokerId, LeadershipCommand command, Outcome outcome) {
    if (!underWay.add(brokerId)) {
      return false;
    }
    var _ =
        stageOf(command)
            .whenComplete((result, failure) ->
                services
                    .loop()
                    .execute(() -> {
                      underWay.remove(brokerId);
                      outcome.accept(failure == null ? result : null, failure);
                    }));
    return true;
  }

  private CompletionStage<LeadershipResult> stageOf(LeadershipCommand command) {
    try {
      return services.proposeAsLeader().propose(command, term);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}

package io.penstock.replication.liveness;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.BrokerResult;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.leadership.TopicImage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A broker leaves: it is drained, waits a while until it leads nothing that another could lead, and
 * fences itself. It goes without where time is up, or where no leader has been heard of for half a
 * session, as when a whole cluster is stopped. Used on the loop.
 */
final class Departure {

  private static final long AGAIN_MS = 100;
  private static final long LOOK_MS = 20;

  private final int brokerId;
  private final long brokerEpoch;
  private final LivenessSettings settings;
  private final LivenessServices services;
  private final Consumer<String> over;
  private final long beganMs;
  private LivenessLoop.@Nullable Timer deadline;
  private LivenessLoop.@Nullable Timer step;
  private boolean isOver;

  /**
   * @param over told once, of what was achieved
   */
  Departure(
      int brokerId,
      long brokerEpoch,
      LivenessSettings settings,
      LivenessServices services,
      Consumer<String> over) {
    this.brokerId = brokerId;
    this.brokerEpoch = brokerEpoch;
    this.settings = settings;
    this.services = services;
    this.over = over;
    this.beganMs = services.loop().nowMs();
  }

  void begin() {
    deadline = services.loop().after(settings.stopMs(), () -> end("could not leave in time"));
    drain();
  }

  void cancel() {
    isOver = true;
    if (deadline != null) {
      deadline.cancel();
    }
    if (step != null) {
      step.cancel();
    }
  }

  /** No leader answers. */
  void unheard(long lastContactMs) {
    long nowMs = services.loop().nowMs();
    if (nowMs - Math.max(beganMs, lastContactMs) > settings.sessionMs() / 2) {
      end("left without a leader to tell");
    }
  }

  private void end(String how) {
    if (!isOver) {
      cancel();
      over.accept(how);
    }
  }

  private void drain() {
    propose(new DrainBroker(brokerId, brokerEpoch), this::drain, this::fenceWhenNothingIsLeft);
  }

  private void fenceWhenNothingIsLeft() {
    boolean isLate = services.loop().nowMs() - beganMs > settings.stopMs() / 2;
    if (isLate || !leadsWhatAnotherCould(services.image().get())) {
      fence();
      return;
    }
    again(LOOK_MS, this::fenceWhenNothingIsLeft);
  }

  private void fence() {
    propose(new FenceBroker(brokerId, brokerEpoch), this::fence, () -> end("has left"));
  }

  private void propose(LeadershipCommand command, Runnable again, Runnable then) {
    var _ =
        stageOf(command)
            .whenComplete((result, failure) ->
                services
                    .loop()
                    .execute(() -> {
                      if (isOver) {
                        return;
                      }
                      if (failure != null) {
                        again(AGAIN_MS, again);
                      } else if (result instanceof BrokerResult done && done.error().isNone()) {
                        then.run();
                      } else {
                        end("its registration was gone already");
                      }
                    }));
  }

  private CompletionStage<LeadershipResult> stageOf(LeadershipCommand command) {
    try {
      return services.propose().apply(command);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void again(long delayMs, Runnable task) {
    step =
        services
            .loop()
            .after(
                delayMs,
                () -> {
                  if (!isOver) {
                    task.run();
                  }
                });
  }

  private boolean leadsWhatAnotherCould(LeadershipImage image) {
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.leader() == brokerId
            && !partition.isr().without(brokerId).allMatch(id -> !canLead(image, id))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean canLead(LeadershipImage image, int id) {
    var broker = image.broker(id);
    return broker != null && broker.canLead();
  }
}

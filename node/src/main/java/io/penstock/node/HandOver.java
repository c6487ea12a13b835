package io.penstock.node;

import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.storage.log.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives what this broker leads to others without leaving a record behind. First producers are asked
 * to send nothing for a moment, and what they have sent is answered. Then requests of clients wait
 * in their sockets until another one leads, and it comes to lead when every replica in sync has the
 * last batch. So no ack is lost on the way, no log has to be cut, and what waited is told the new
 * leader at once. Connections on which nothing waited end then: their clients need not wait any
 * longer, and look for the leader that they are to send to. All waits are short and bounded; after
 * them leadership moves as it would for a killed broker. Used by the thread that stops the node.
 *
 * <p>Why: a KafkaProducer that has to send again sends one batch after the other, each when the one
 * before it is acknowledged, and spins on a whole core meanwhile; with five on their way when the
 * leader changes that is five times as long as with one or none. One whose connection ends while it
 * waits has nothing to send again, and asks another node who leads. And the new leader's first ack
 * waits for followers that are still cutting their logs.
 */
final class HandOver {

  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

  /** More than all of it takes on a busy machine: who waits is woken before that. */
  private static final long PAUSE_MS = 500;

  private static final long SILENCE_MS = 10;
  private static final long SILENCE_MS_MAX = 60;
  private static final long COMMIT_MS_MAX = 100;
  private static final long MOVE_MS_MAX = 1_000;
  private static final long LOOK_MS = 1;

  private final Requests requests;
  private final Supplier<List<Led>> led;
  private final Supplier<CompletionStage<Void>> leave;

  /** What clients ask for. */
  interface Requests {

    /** Asks producers, with each answer that they get, to send nothing for so long from now. */
    void pause(long ms);

    /** How many requests of producers came so far. */
    long produced();

    /** Completes when no further one is taken up. */
    CompletionStage<Void> hold();

    void goOn();

    /** Ends the connections of clients that wait for nothing. */
    void endIdle();
  }

  /** A partition that is led here, and could be led elsewhere. */
  interface Led {

    /** Whether all who are in sync have what is here. */
    boolean isCommitted();

    boolean isLed();
  }

  /**
   * Does nothing yet.
   *
   * @param led what is to be handed over, when asked
   * @param leave begins to give it away, and completes when this broker has left
   */
  HandOver(Requests requests, Supplier<List<Led>> led, Supplier<CompletionStage<Void>> leave) {
    this.requests = requests;
    this.led = led;
    this.leave = leave;
  }

  /** What this broker leads and others in sync could lead, by the present image. */
  static List<Led> led(PartitionRegistry partitions, LeadershipImage image) {
    List<Led> led = new ArrayList<>();
    for (PartitionReplica replica : partitions.replicas()) {
      LogId id = replica.id();
      PartitionImage partition = image.partition(id.topicId(), id.partition());
      Replica each = new Replica(replica);
      if (each.isLed() && partition != null && partition.isr().size() > 1) {
        led.add(each);
      }
    }
    return led;
  }

  /** Returns when others lead, or when that takes too long. */
  void run() throws InterruptedException {
    long beganNs = System.nanoTime();
    if (!led.get().isEmpty()) {
      requests.pause(PAUSE_MS);
      awaitSilence();
    }
    long quietNs = System.nanoTime();
    CompletableFuture<Void> held = requests.hold().toCompletableFuture();
    try {
      List<Led> all = led.get();
      await(COMMIT_MS_MAX, () -> held.isDone() && all.stream().allMatch(Led::isCommitted));
      long committedNs = System.nanoTime();
      CompletableFuture<Void> left = leave.get().toCompletableFuture();
      await(MOVE_MS_MAX, () -> left.isDone() || all.stream().noneMatch(Led::isLed));
      LOG.info(
          "Leadership was handed over: partitions={} quietMs={} committedMs={} movedMs={}",
          all.size(),
          TimeUnit.NANOSECONDS.toMillis(quietNs - beganNs),
          TimeUnit.NANOSECONDS.toMillis(committedNs - quietNs),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - committedNs));
    } finally {
      requests.goOn();
      requests.endIdle();
    }
  }

  private void awaitSilence() throws InterruptedException {
    long[] seen = {requests.produced()};
    long[] sinceNs = {System.nanoTime()};
    await(
        SILENCE_MS_MAX,
        () -> {
          long nowNs = System.nanoTime();
          long produced = requests.produced();
          if (produced != seen[0]) {
            seen[0] = produced;
            sinceNs[0] = nowNs;
          }
          return nowNs - sinceNs[0] >= TimeUnit.MILLISECONDS.toNanos(SILENCE_MS);
        });
  }

  private record Replica(PartitionReplica replica) implements Led {

    @Override
    public boolean isCommitted() {
      return replica.highWatermark() >= replica.logEndOffset() || !isLed();
    }

    @Override
    public boolean isLed() {
      return replica.role() instanceof ReplicaRole.Leader;
    }
  }

  private static void await(long msMax, BooleanSupplier condition) throws InterruptedException {
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(msMax);
    while (!condition.getAsBoolean() && deadlineNs - System.nanoTime() > 0) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }
}

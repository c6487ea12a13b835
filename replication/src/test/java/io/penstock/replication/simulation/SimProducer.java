package io.penstock.replication.simulation;

import io.penstock.replication.follower.ReplicaKey;
import io.penstock.replication.simulation.ClientServer.Produced;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.log.AppendError;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An idempotent producer of one partition: a few batches in flight on one connection, retries in
 * order until each is acknowledged. With {@code acks=1}, whose records a failover may lose, it goes
 * on under a new producer epoch where the broker misses some, as Kafka's client does.
 */
final class SimProducer {

  private static final int TIMEOUT_MS = 900;
  private static final int BODY_BYTES_MAX = 300;

  private final long id;
  private final ReplicaKey key;
  private final int acks;
  private final int inFlightMax;
  private final int paceMs;
  private final Simulation simulation;
  private final Random random;
  private final ArrayDeque<Batch> unacked = new ArrayDeque<>();
  private int batchesLeft;
  private int producerEpoch;
  private int nextSequence;
  private int inFlight;
  private boolean isKnown;
  private boolean hasLost;
  private boolean waiting;
  private int leader = -1;
  private SimNetwork.@Nullable Connection connection;

  /** A batch from when it is made until it is acknowledged. */
  private static final class Batch {
    final int records;
    final byte[] body;
    int sequence;
    int attempt;
    boolean underWay;
    boolean acked;

    Batch(int records, byte[] body, int sequence) {
      this.records = records;
      this.body = body;
      this.sequence = sequence;
    }
  }

  SimProducer(long id, ReplicaKey key, int acks, int batches, Simulation simulation) {
    this.id = id;
    this.key = key;
    this.acks = acks;
    this.batchesLeft = batches;
    this.simulation = simulation;
    this.random = simulation.random();
    // A broker that starts from a snapshot knows the last batch of a producer only, as in Kafka.
    this.inFlightMax = acks < 0 ? 1 : 1 + random.nextInt(3);
    this.paceMs = 5 + random.nextInt(400);
  }

  ReplicaKey key() {
    return key;
  }

  long id() {
    return id;
  }

  boolean isDone() {
    return batchesLeft == 0 && unacked.isEmpty();
  }

  String describe() {
    return "producer "
        + id
        + " epoch "
        + producerEpoch
        + ": "
        + batchesLeft
        + " batches to make, unacknowledged from sequence "
        + (unacked.isEmpty() ? -1 : unacked.getFirst().sequence);
  }

  void start() {
    later(random.nextInt(600), this::make);
    later(random.nextInt(600), this::pump);
  }

  /** The rest is to be produced without delay. */
  private long pause() {
    return random.nextInt(paceMs) + 1L;
  }

  private void later(long ms, Runnable task) {
    simulation.time().after(ms * SimTime.MS, task);
  }

  private void make() {
    if (batchesLeft == 0) {
      return;
    }
    if (unacked.size() < 2 * inFlightMax) {
      batchesLeft--;
      int records = 1 + random.nextInt(4);
      byte[] body = new byte[7 * records + random.nextInt(BODY_BYTES_MAX)];
      random.nextBytes(body);
      unacked.add(new Batch(records, body, nextSequence));
      nextSequence += records;
      pump();
    }
    later(pause(), this::make);
  }

  private void pumpAfter(long ms) {
    if (!waiting) {
      waiting = true;
      later(
          ms,
          () -> {
            waiting = false;
            pump();
          });
    }
  }

  /** Sends what is not under way, in order; to another leader only when nothing is. */
  private void pump() {
    if (waiting) {
      return;
    }
    if (hasLost && inFlight == 0) {
      beginEpoch();
    }
    if (inFlight == 0) {
      int found = simulation.leaderOf(key);
      if (found < 0 || simulation.node(found).broker() == null) {
        if (!unacked.isEmpty()) {
          pumpAfter(20 + random.nextInt(100));
        }
        return;
      }
      if (found != leader || connection == null) {
        leader = found;
        connection = new SimNetwork.Connection(SimNetwork.CLIENTS, found);
      }
    }
    int most = hasLost ? 0 : isKnown ? inFlightMax : 1;
    for (Batch batch : unacked) {
      if (inFlight >= most) {
        return;
      }
      if (!batch.underWay && !batch.acked) {
        send(batch);
      }
    }
  }

  private void send(Batch batch) {
    SimBroker broker = simulation.node(leader).broker();
    SimNetwork.Connection used = connection;
    if (broker == null || used == null) {
      return;
    }
    batch.underWay = true;
    int attempt = ++batch.attempt;
    inFlight++;
    ByteBuffer bytes =
        TestBatch.ofRecords(batch.records)
            .producer(id, producerEpoch, batch.sequence)
            .body(batch.body)
            .build();
    int server = leader;
    simulation
        .network()
        .send(
            used,
            () ->
                broker
                    .process()
                    .execute(() ->
                        broker
                            .clientServer()
                            .produce(
                                key,
                                bytes,
                                acks,
                                produced ->
                                    simulation
                                        .network()
                                        .send(
                                            server,
                                            SimNetwork.CLIENTS,
                                            () -> answered(batch, attempt, produced)))));
    later(TIMEOUT_MS, () -> answered(batch, attempt, null));
  }

  /** An answer, or null where none came in time. */
  private void answered(Batch batch, int attempt, @Nullable Produced produced) {
    if (attempt != batch.attempt || !batch.underWay) {
      return;
    }
    batch.underWay = false;
    inFlight--;
    if (simulation.trace().isReadable()) {
      simulation.trace().say("producer " + id + " " + batch.sequence + ": " + produced);
    }
    switch (produced) {
      case null -> retry();
      case Produced.Stored(long base, int epoch) -> acknowledged(batch, base, epoch);
      case Produced.Refused _ -> retry();
      case Produced.Rejected(AppendError error) -> rejected(batch, error);
    }
  }

  private void acknowledged(Batch batch, long baseOffset, int leaderEpoch) {
    batch.acked = true;
    isKnown = true;
    simulation.trace().note("acked", (int) id, batch.sequence, baseOffset, leaderEpoch);
    if (acks < 0) {
      simulation
          .checker()
          .acknowledged(key, id, producerEpoch, batch.sequence, batch.records, baseOffset);
    }
    while (!unacked.isEmpty() && unacked.getFirst().acked) {
      unacked.removeFirst();
    }
    pump();
  }

  private void retry() {
    connection = null;
    pumpAfter(20 + random.nextInt(200));
  }

  private void rejected(Batch batch, AppendError error) {
    boolean isFirst = batch == unacked.peekFirst();
    switch (error) {
      case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER_ID, DUPLICATE_SEQUENCE -> {
        hasLost |= isFirst && acks >= 0;
        retry();
      }
      default -> throw new AssertionError("producer " + id + " is told " + error);
    }
  }

  private void beginEpoch() {
    hasLost = false;
    producerEpoch++;
    isKnown = false;
    nextSequence = 0;
    for (Batch batch : unacked) {
      batch.sequence = nextSequence;
      nextSequence += batch.records;
    }
  }
}

package io.penstock.replication.follower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReplicaHost;
import io.penstock.replication.partition.ReplicaRole;
import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.epoch.EpochStart;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSettingsBuilder;
import io.penstock.storage.producer.ProducerStateView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three replicas under anything that may happen to them, also elections that no rule would allow:
 * leaders that hear late of their successors, killed processes, lost power, wiped disks, cut
 * connections, damaged bytes. Records may be lost by that; but once it is over, all logs are the
 * same byte for byte. {@code -Dfollower.seed=N} runs one schedule, {@code -Dfollower.schedules=N}
 * so many.
 */
@Timeout(300)
final class RandomFollowingTest {

  private static final int SCHEDULES = Integer.getInteger("follower.schedules", 150);
  private static final int STEPS = 150;
  private static final int NODES = 3;

  @Test
  void logsAreTheSameInTheEnd() throws StorageException {
    Long given = Long.getLong("follower.seed");
    if (given != null) {
      new Schedule(given).run();
      return;
    }
    for (long seed = 1; seed <= SCHEDULES; seed++) {
      try {
        new Schedule(seed).run();
      } catch (AssertionError | RuntimeException | StorageException failure) {
        throw new AssertionError("-Dfollower.seed=" + seed, failure);
      }
    }
  }

  /** One schedule. */
  private static final class Schedule {
    private final Random random;
    private final ReplicaPair pair;
    private final Map<Integer, Long> producers = new HashMap<>();
    private PartitionImage newest;
    private int epoch;

    Schedule(long seed) throws StorageException {
      random = new Random(seed);
      LogSettings settings =
          LogSettingsBuilder.fromDefaults()
              .segmentBytes(random.nextBoolean() ? 1 << 30 : 2 << 10)
              .index(4 << 10, 64)
              .flushMessages(random.nextInt(3) == 0 ? 1 : Long.MAX_VALUE)
              .build();
      pair = new ReplicaPair(NODES, settings);
      newest = pair.image(1, 0, 1, 2, 3);
      deliverAll();
    }

    void run() throws StorageException {
      for (int step = 0; step < STEPS; step++) {
        step();
        pair.nodes.values().forEach(this::check);
      }
      calmDown();
    }

    private int anyNode() {
      return 1 + random.nextInt(NODES);
    }

    private void step() throws StorageException {
      switch (random.nextInt(20)) {
        case 0 -> elect(anyNode());
        case 1 -> deliver(anyNode());
        case 2 -> restart(anyNode(), ReplicaHost::restart);
        case 3 -> {
          FakeDisk.Tearing[] kinds = FakeDisk.Tearing.values();
          FakeDisk.Tearing kind = kinds[random.nextInt(kinds.length)];
          restart(anyNode(), host -> host.losePower(kind));
        }
        case 4 -> {
          if (random.nextInt(4) == 0) {
            restart(anyNode(), ReplicaHost::restartWiped);
          }
        }
        case 5, 6 -> {
          boolean cut = random.nextBoolean();
          pair.node(anyNode()).endpoints.values().forEach(endpoint -> endpoint.cut(cut));
        }
        case 7 ->
            pair.node(anyNode()).endpoints.values().forEach(DirectLeaderEndpoint::forgetSession);
        case 8 -> damage(anyNode());
        case 9 -> {
          PartitionReplica replica = pair.node(anyNode()).replica();
          long committed = replica.highWatermark();
          var _ = replica.deleteRecordsBefore(committed - Math.min(committed, random.nextInt(4)));
        }
        case 10, 11, 12 -> pair.tasks.advance(random.nextInt(30));
        case 13 -> pair.tasks.advance(random.nextInt(600));
        default -> produce(anyNode());
      }
    }

    private void elect(int leader) {
      epoch++;
      newest =
          random.nextBoolean()
              ? pair.image(leader, epoch, leader)
              : pair.image(leader, epoch, 1, 2, 3);
      deliver(leader);
      for (int node = 1; node <= NODES; node++) {
        if (random.nextInt(3) > 0) {
          deliver(node);
        }
      }
    }

    private void deliver(int node) {
      pair.node(node).become(newest);
    }

    private void deliverAll() {
      for (int node = 1; node <= NODES; node++) {
        deliver(node);
      }
    }

    /** A leader that starts again does not lead before it is elected again. */
    private void restart(int node, ReplicaPair.Restart start) throws StorageException {
      pair.node(node).restart(start);
      if (newest.leader() == node) {
        elect(anyNode());
      } else if (random.nextBoolean()) {
        deliver(node);
      }
    }

    private void damage(int node) {
      boolean heal = random.nextBoolean();
      pair.node(node)
          .endpoints
          .values()
          .forEach(endpoint ->
              endpoint.tamper(bytes -> {
                if (heal || !bytes.hasRemaining() || random.nextBoolean()) {
                  return bytes;
                }
                int at = random.nextInt(bytes.limit());
                return random.nextBoolean()
                    ? bytes.limit(at)
                    : bytes.put(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
              }));
    }

    private void produce(int node) {
      if (!(pair.node(node).replica().role() instanceof ReplicaRole.Leader)) {
        return;
      }
      int count = 1 + random.nextInt(5);
      TestBatch batch = TestBatch.ofRecords(count);
      int producer = random.nextInt(3);
      if (producer > 0) {
        long sequence = producers.merge(producer, (long) count, Long::sum) - count;
        batch = batch.producer(producer, 0, (int) sequence);
      }
      // Out of sequence where another leader took what came before: then it is not stored.
      var _ = pair.node(node).host.append(batch.build());
    }

    private void check(ReplicaPair.Node node) {
      PartitionReplica replica = node.replica();
      assertTrue(replica.highWatermark() <= replica.logEndOffset(), "watermark behind the end");
      assertTrue(!(replica.role() instanceof ReplicaRole.Offline), "role " + replica.role());
    }

    /** Nothing goes wrong any more, and somebody leads. */
    private void calmDown() throws StorageException {
      int leader = anyNode();
      elect(leader);
      deliverAll();
      pair.nodes
          .values()
          .forEach(node ->
              node.endpoints
                  .values()
                  .forEach(endpoint -> {
                    endpoint.tamper(bytes -> bytes);
                    endpoint.cut(false);
                  }));
      var _ = pair.node(leader).host.append(TestBatch.ofRecords(1).build());
      newest = pair.image(leader, epoch, 1, 2, 3);
      deliverAll();
      pair.tasks.advance(10_000);
      for (int node = 1; node <= NODES; node++) {
        assertSame(leader, node);
      }
    }

    private void assertSame(int leader, int node) throws StorageException {
      PartitionReplica one = pair.node(leader).replica();
      PartitionReplica other = pair.node(node).replica();
      assertEquals(one.logEndOffset(), other.logEndOffset(), "end of node " + node);
      assertEquals(one.logEndOffset(), other.highWatermark(), "watermark of node " + node);
      long from = Math.max(one.logStartOffset(), other.logStartOffset());
      assertArrayEquals(
          pair.node(leader).host.bytesFrom(from), pair.node(node).host.bytesFrom(from));
      assertEquals(epochsFrom(leader, from), epochsFrom(node, from), "epochs of node " + node);
      assertEquals(
          lastSequences(leader, from), lastSequences(node, from), "producers of node " + node);
    }

    private List<EpochStart> epochsFrom(int node, long from) {
      List<EpochStart> known = new ArrayList<>();
      for (EpochStart start : pair.node(node).host.log().epochs().entries()) {
        if (start.startOffset() > from) {
          known.add(start);
        }
      }
      return known;
    }

    // A log that was refilled has never seen what producers wrote before its start.
    private List<String> lastSequences(int node, long from) {
      List<String> known = new ArrayList<>();
      for (ProducerStateView view : pair.node(node).replica().producers()) {
        if (view.lastOffset() >= from) {
          known.add(view.producerId() + ":" + view.lastSequence() + "@" + view.lastOffset());
        }
      }
      return known;
    }
  }
}

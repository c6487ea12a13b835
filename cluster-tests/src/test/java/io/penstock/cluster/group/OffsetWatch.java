package io.penstock.cluster.group;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.Threads;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/**
 * Reads what groups have committed, again and again, as somebody who is no member: no answer is
 * below one that was given before, or below what a member was told is committed. On a thread of its
 * own.
 */
final class OffsetWatch implements AutoCloseable {
  private static final int ANSWER_S_MAX = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Admin admin;
  private final List<LiveGroup> groups;
  private final AtomicIntegerArray answers;
  private final Thread thread;
  private volatile boolean stopping;

  private OffsetWatch(Admin admin, List<LiveGroup> groups) {
    this.admin = admin;
    this.groups = groups;
    this.answers = new AtomicIntegerArray(groups.size());
    this.thread = Thread.ofPlatform().name("offset-watch").daemon().unstarted(this::run);
  }

  static OffsetWatch start(Admin admin, List<LiveGroup> groups) {
    OffsetWatch watch = new OffsetWatch(admin, List.copyOf(groups));
    watch.thread.start();
    return watch;
  }

  /** Waits until it has got an answer of each group that was asked for from now on. */
  void awaitAnswers() {
    int[] before = new int[groups.size()];
    Arrays.setAll(before, answers::get);
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          for (int i = 0; i < before.length; i++) {
            // The first one may have been asked for before.
            assertTrue(answers.get(i) > before[i] + 1, "nobody watches " + groups.get(i).id());
          }
        });
  }

  private void run() {
    try {
      while (!stopping) {
        for (int i = 0; i < groups.size(); i++) {
          lookUnlessAway(i);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error broken) {
      groups.forEach(group -> group.ledger().wrong("nobody watches any longer: " + broken));
      throw broken;
    }
  }

  private void lookUnlessAway(int group) throws InterruptedException {
    try {
      look(groups.get(group));
      answers.incrementAndGet(group);
    } catch (ExecutionException | TimeoutException theNextAnswerTellsAsMuch) {
      // The coordinator is away.
    }
  }

  private void look(LiveGroup group)
      throws ExecutionException, InterruptedException, TimeoutException {
    CommitLedger ledger = group.ledger();
    long[] before = ledger.acked();
    Map<TopicPartition, OffsetAndMetadata> found =
        admin
            .listConsumerGroupOffsets(group.id())
            .partitionsToOffsetAndMetadata()
            .get(ANSWER_S_MAX, TimeUnit.SECONDS);
    long[] committed = new long[before.length];
    found.forEach((partition, offset) -> committed[partition.partition()] = offset.offset());
    for (int partition = 0; partition < committed.length; partition++) {
      ledger.found("the admin client", partition, before[partition], committed[partition]);
    }
  }

  @Override
  public void close() {
    stopping = true;
    Threads.join(thread);
  }
}

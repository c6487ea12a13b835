package io.penstock.cluster.group;

import io.penstock.cluster.process.Threads;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads what groups have committed, again and again, as somebody who is no member: no answer is
 * below one that was given before, or below what a member was told is committed. On a thread of its
 * own.
 */
final class OffsetWatch implements AutoCloseable {
  private static final int ANSWER_S_MAX = 10;

  private final Admin admin;
  private final List<LiveGroup> groups;
  private final AtomicInteger answers = new AtomicInteger();
  private final Thread thread;
  private volatile boolean stopping;

  private OffsetWatch(Admin admin, List<LiveGroup> groups) {
    this.admin = admin;
    this.groups = groups;
    this.thread = Thread.ofPlatform().name("offset-watch").daemon().unstarted(this::run);
  }

  static OffsetWatch start(Admin admin, List<LiveGroup> groups) {
    OffsetWatch watch = new OffsetWatch(admin, List.copyOf(groups));
    watch.thread.start();
    return watch;
  }

  /** How many answers it has got. */
  int answers() {
    return answers.get();
  }

  private void run() {
    while (!stopping) {
      for (LiveGroup group : groups) {
        try {
          look(group);
        } catch (ExecutionException | TimeoutException theNextAnswerTellsAsMuch) {
          // The coordinator is away.
        } catch (InterruptedException interrupt) {
          return;
        }
      }
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
    answers.incrementAndGet();
  }

  @Override
  public void close() {
    stopping = true;
    Threads.join(thread);
  }
}

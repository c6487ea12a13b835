package io.penstock.node.group.lag;

import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerHandler;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Answers the coordinators of groups on other nodes, and the one of this node, on a thread of its
 * own: whoever wants to know a lag never keeps from a disk who wants records.
 */
public final class ProgressHandler implements PeerHandler, AutoCloseable {

  /** Questions of one request. */
  static final int QUESTIONS_MAX = 2_000;

  /** Requests that wait; a node has one under way to each other. */
  private static final int WAITING_MAX = 100;

  private static final long IDLE_SECONDS = 30;

  private final ProgressReader reader;
  private final ThreadPoolExecutor thread;

  public ProgressHandler(PartitionRegistry partitions) {
    this.reader = new ProgressReader(partitions);
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("penstock-lag-answers").daemon().factory());
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletionStage<byte[]> handle(PeerCaller caller, byte[] body) {
    return answer(ProgressCodec.decodeQuestions(body)).thenApply(ProgressCodec::encodeAnswers);
  }

  /** What is known of each partition that is asked for, in that order. */
  CompletableFuture<List<Progress>> answer(List<Progress.Question> questions) {
    if (questions.size() > QUESTIONS_MAX) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException(questions.size() + " questions at a time"));
    }
    try {
      return CompletableFuture.supplyAsync(
          () -> questions.stream().map(reader::read).toList(), thread);
    } catch (RejectedExecutionException busy) {
      return CompletableFuture.failedFuture(
          new PeerException(PeerException.Kind.BUSY, "too many ask how far partitions have come"));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

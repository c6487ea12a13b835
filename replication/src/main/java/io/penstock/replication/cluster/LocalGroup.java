package io.penstock.replication.cluster;

import io.penstock.replication.raft.HostedGroup;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.GroupRules;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Proposals to a group of which this node is the only voter. Any thread may call it. */
final class LocalGroup<I, C, R> {

  private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
  private static final long RETRY_MS = 5;

  private final GroupRules<I, C, R> rules;
  private final HostedGroup<I, C, R> group;
  private final UUID proposer = UUID.randomUUID();
  private final AtomicLong calls = new AtomicLong();

  LocalGroup(GroupRules<I, C, R> rules, HostedGroup<I, C, R> group) {
    this.rules = rules;
    this.group = group;
  }

  CompletionStage<R> propose(C command) {
    byte[] bytes = rules.encodeCommand(command);
    return submit(calls.incrementAndGet(), bytes, System.nanoTime() + TIMEOUT_NS);
  }

  private CompletionStage<R> submit(long call, byte[] command, long deadlineNs) {
    return group
        .submit(proposer, call, command)
        .thenCompose(submission ->
            switch (submission) {
              case Submission.Applied<R>(_, R result) -> CompletableFuture.completedStage(result);
              case Submission.NotLeader<R> _, Submission.Retry<R> _ ->
                  again(call, command, deadlineNs, submission);
            });
  }

  private CompletionStage<R> again(
      long call, byte[] command, long deadlineNs, Submission<R> cause) {
    if (System.nanoTime() - deadlineNs >= 0) {
      return CompletableFuture.failedFuture(
          new ControlUnavailableException("the group did not take a command: " + cause));
    }
    return CompletableFuture.completedFuture(call)
        .thenComposeAsync(
            again -> submit(again, command, deadlineNs),
            CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS));
  }
}

package io.penstock.replication.raft;

import io.penstock.replication.raft.RatisStateMachine.LocalResult;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.GroupRules;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * A group hosted by this process. Proposals go to the Raft server without a network hop and are
 * tried again, under the same call id, so that Ratis applies them once, while it has no ready
 * leader.
 */
final class RatisControlGroup<I, C, R> implements ControlGroup<I, C, R> {

  /** An entry has an envelope besides its command. */
  static final int COMMAND_BYTES_MAX = RaftPropertiesBuilder.APPENDER_BUFFER_BYTES - 4096;

  private static final long RETRY_MS = 5;

  private final String name;
  private final GroupRules<I, C, R> rules;
  private final RatisStateMachine<I, C, R> stateMachine;
  private final ScheduledExecutorService timer;
  private final long timeoutMs;
  private final ClientId client = ClientId.randomId();
  private volatile @Nullable Place place;

  /** Where the group is hosted, once it is. */
  private record Place(RaftServer server, RaftGroupId id) {}

  RatisControlGroup(
      String name,
      GroupRules<I, C, R> rules,
      RatisStateMachine<I, C, R> stateMachine,
      ScheduledExecutorService timer,
      long timeoutMs) {
    this.name = name;
    this.rules = rules;
    this.stateMachine = stateMachine;
    this.timer = timer;
    this.timeoutMs = timeoutMs;
  }

  String name() {
    return name;
  }

  RatisStateMachine<I, C, R> stateMachine() {
    return stateMachine;
  }

  void attach(RaftServer server, RaftGroupId id) {
    place = new Place(server, id);
  }

  @Override
  public I image() {
    return stateMachine.image();
  }

  @Override
  public CompletionStage<R> propose(C command) {
    byte[] bytes = rules.encodeCommand(command);
    if (bytes.length > COMMAND_BYTES_MAX) {
      return CompletableFuture.failedFuture(
          new CommandTooLargeException(
              "a command has " + bytes.length + " bytes, more than " + COMMAND_BYTES_MAX));
    }
    Place at = place;
    if (at == null) {
      return CompletableFuture.failedFuture(
          new ControlUnavailableException("group '" + name + "' is not started"));
    }
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(client)
            .setServerId(at.server.getId())
            .setGroupId(at.id)
            .setCallId(CallId.getAndIncrement())
            .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(bytes)))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    CompletableFuture<R> outcome = new CompletableFuture<>();
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    submit(at.server, request, deadlineNs, outcome);
    return outcome;
  }

  private void submit(
      RaftServer running,
      RaftClientRequest request,
      long deadlineNs,
      CompletableFuture<R> outcome) {
    CompletableFuture<RaftClientReply> reply;
    try {
      reply = running.submitClientRequestAsync(request);
    } catch (Exception e) {
      outcome.completeExceptionally(unavailable("cannot take a proposal", e));
      return;
    }
    long remainingMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
    var _ =
        reply
            .orTimeout(Math.max(1, remainingMs), TimeUnit.MILLISECONDS)
            .whenComplete((answer, failure) -> {
              if (failure != null) {
                outcome.completeExceptionally(unavailable("did not answer", failure));
              } else if (answer.isSuccess()) {
                complete(answer, outcome);
              } else {
                retry(running, request, deadlineNs, outcome, answer.getException());
              }
            });
  }

  @SuppressWarnings("unchecked") // the state machine of this group made the result
  private void complete(RaftClientReply answer, CompletableFuture<R> outcome) {
    if (answer.getMessage() instanceof LocalResult(Object result)) {
      outcome.complete((R) result);
      return;
    }
    outcome.completeExceptionally(
        unavailable("applied the command, but its answer is lost", answer.getException()));
  }

  private void retry(
      RaftServer running,
      RaftClientRequest request,
      long deadlineNs,
      CompletableFuture<R> outcome,
      @Nullable RaftException cause) {
    boolean passing =
        cause instanceof NotLeaderException
            || cause instanceof LeaderNotReadyException
            || cause instanceof ServerNotReadyException
            || cause instanceof ResourceUnavailableException;
    if (!passing || System.nanoTime() - deadlineNs >= 0) {
      outcome.completeExceptionally(unavailable("did not take a command", cause));
      return;
    }
    try {
      var _ =
          timer.schedule(
              () -> submit(running, request, deadlineNs, outcome), RETRY_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      outcome.completeExceptionally(unavailable("is closed", e));
    }
  }

  private ControlUnavailableException unavailable(String what, @Nullable Throwable cause) {
    return new ControlUnavailableException("group '" + name + "' " + what, cause);
  }
}

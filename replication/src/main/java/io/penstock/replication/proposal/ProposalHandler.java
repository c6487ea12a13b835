package io.penstock.replication.proposal;

import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.proposal.ProposeAnswer.Applied;
import io.penstock.replication.proposal.ProposeAnswer.Busy;
import io.penstock.replication.proposal.ProposeAnswer.NotLeader;
import io.penstock.replication.proposal.ProposeAnswer.Refused;
import io.penstock.replication.proposal.ProposeAnswer.Retry;
import io.penstock.replication.raft.Submission;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.UnknownFormatException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes the commands that other nodes forward. What comes in here was sent by a node of this
 * cluster, since peers introduce themselves; still a command must be one before it is logged, as no
 * replica could go on past one that it cannot read. Runs on network threads.
 */
public final class ProposalHandler implements PeerHandler {

  /** How many bytes of commands of other nodes may be under way here. */
  static final long BYTES_MAX = 64L << 20;

  static final int COMMANDS_MAX = 4096;

  private final List<Target<?, ?>> targets;
  private final int commandBytesMax;
  private final AtomicLong commands = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /** A group that takes commands. */
  public record Target<C, R>(GroupRules<?, C, R> rules, GroupPort<R> port) {}

  /**
   * @param targets by number of their group
   */
  public ProposalHandler(List<Target<?, ?>> targets, int commandBytesMax) {
    this.targets = List.copyOf(targets);
    this.commandBytesMax = commandBytesMax;
  }

  @Override
  public CompletionStage<byte[]> handle(PeerCaller caller, byte[] body) {
    ProposeRequest request = ProposeRequest.decode(body);
    if (request.group() >= targets.size()) {
      return answered(new Refused("there is no group " + request.group()));
    }
    if (request.command().length > commandBytesMax) {
      return answered(new Refused("a command has " + request.command().length + " bytes"));
    }
    return handle(targets.get(request.group()), request);
  }

  private <C, R> CompletionStage<byte[]> handle(Target<C, R> target, ProposeRequest request) {
    if (!target.port().leadsHere()) {
      return answered(new NotLeader(target.port().view()));
    }
    try {
      target.rules().decodeCommand(request.command());
    } catch (UnknownFormatException e) {
      return answered(new Refused(String.valueOf(e.getMessage())));
    }
    int size = request.command().length;
    long underWay = commands.incrementAndGet();
    long bytesUnderWay = bytes.addAndGet(size);
    if (underWay > COMMANDS_MAX || bytesUnderWay > BYTES_MAX) {
      release(size);
      return answered(new Busy());
    }
    CompletionStage<Submission<R>> submitted;
    try {
      submitted = target.port().submit(request.proposer(), request.callId(), request.command());
    } catch (RuntimeException e) {
      release(size);
      throw e;
    }
    return submitted.handle((submission, failure) -> {
      release(size);
      return failure == null
          ? answer(target, submission).encode()
          : new Retry(String.valueOf(failure.getMessage())).encode();
    });
  }

  private static <C, R> ProposeAnswer answer(Target<C, R> target, Submission<R> submission) {
    return switch (submission) {
      case Submission.Applied<R>(long index, R result) ->
          new Applied(index, target.rules().encodeResult(result));
      // It was given to a leader that lost its place: whether in time is not said.
      case Submission.NotLeader<R> _ -> new Retry("the leader has changed");
      case Submission.Retry<R>(String reason) -> new Retry(reason);
    };
  }

  private void release(int size) {
    commands.decrementAndGet();
    bytes.addAndGet(-size);
  }

  private static CompletionStage<byte[]> answered(ProposeAnswer answer) {
    return CompletableFuture.completedFuture(answer.encode());
  }
}

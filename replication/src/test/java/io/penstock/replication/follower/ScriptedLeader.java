package io.penstock.replication.follower;

import io.penstock.replication.peer.PeerException;
import io.penstock.storage.epoch.EpochEnd;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A leader that answers what a test tells it to, when the test tells it to. */
final class ScriptedLeader implements LeaderEndpoint {

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  final List<ReplicaFetch> asked = new ArrayList<>();
  int hurries;
  int released;
  boolean closed;
  private @Nullable CompletableFuture<LeaderAnswer> underWay;

  @Override
  public CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch) {
    if (underWay != null) {
      throw new AssertionError("a fetch is under way");
    }
    asked.add(fetch);
    CompletableFuture<LeaderAnswer> answer = new CompletableFuture<>();
    underWay = answer;
    return answer;
  }

  boolean isAsked() {
    return underWay != null;
  }

  ReplicaFetch last() {
    return asked.getLast();
  }

  void answer(FetchedPartition... partitions) {
    taken().complete(new LeaderAnswer.Batches(List.of(partitions), () -> released++));
  }

  void loseSession() {
    taken().complete(new LeaderAnswer.SessionLost());
  }

  void fail() {
    taken().completeExceptionally(new PeerException(PeerException.Kind.LOST, "cut"));
  }

  private CompletableFuture<LeaderAnswer> taken() {
    CompletableFuture<LeaderAnswer> answer = underWay;
    if (answer == null) {
      throw new AssertionError("nothing is asked");
    }
    underWay = null;
    return answer;
  }

  @Override
  public void hurry() {
    hurries++;
  }

  @Override
  public void close() {
    closed = true;
    CompletableFuture<LeaderAnswer> answer = underWay;
    underWay = null;
    if (answer != null) {
      answer.completeExceptionally(new PeerException(PeerException.Kind.CLOSED, "closed"));
    }
  }

  static FetchedPartition records(ReplicaKey key, ByteBuffer records, long watermark) {
    return new FetchedPartition(key, FetchProblem.NONE, watermark, 0, null, records);
  }

  static FetchedPartition problem(ReplicaKey key, FetchProblem problem) {
    return new FetchedPartition(key, problem, -1, -1, null, NOTHING);
  }

  static FetchedPartition diverging(ReplicaKey key, int epoch, long endOffset) {
    return new FetchedPartition(
        key, FetchProblem.NONE, 0, 0, new EpochEnd(epoch, endOffset), NOTHING);
  }
}

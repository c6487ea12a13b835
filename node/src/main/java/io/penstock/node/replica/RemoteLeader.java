package io.penstock.node.replica;

import io.penstock.client.wire.ReceivedResponse;
import io.penstock.node.peer.PeerOpener;
import io.penstock.replication.follower.LeaderAnswer;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One leader node on one lane: the fetch session there, over a connection that it finds and leaves
 * behind ({@link LeaderLine}). Guarded by itself.
 */
final class RemoteLeader implements LeaderEndpoint {

  private static final int NO_SESSION = 0;
  private static final int INITIAL_EPOCH = 0;

  /**
   * How much longer than it may wait a leader may take. One that is silent for so long has lost its
   * leadership by then; where the way to it has failed without a word, this is when a new one is
   * looked for.
   */
  private static final long LATE_MS = 5_000;

  private final int nodeId;
  private final int leader;
  private final LeaderLine line;
  private int sessionId = NO_SESSION;
  private int nextEpoch = INITIAL_EPOCH;
  private @Nullable CompletableFuture<LeaderAnswer> underWay;
  private boolean closed;

  RemoteLeader(int nodeId, int leader, LeaderLine line) {
    this.nodeId = nodeId;
    this.leader = leader;
    this.line = line;
  }

  @Override
  public CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch) {
    CompletableFuture<LeaderAnswer> result = new CompletableFuture<>();
    int session;
    int epoch;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(stopping());
      }
      if (!fetch.fresh() && sessionId == NO_SESSION) {
        return CompletableFuture.completedFuture(new LeaderAnswer.SessionLost());
      }
      session = sessionId; // one that a fresh fetch names is over
      epoch = fetch.fresh() ? INITIAL_EPOCH : nextEpoch;
      underWay = result;
    }
    var _ =
        line.connected()
            .thenCompose(open ->
                open.send(
                    ApiKeys.FETCH,
                    _ -> FetchMessages.request(nodeId, fetch, session, epoch),
                    fetch.maxWaitMs() + LATE_MS))
            .whenComplete((response, failure) -> settle(result, response, failure));
    return result;
  }

  /** An answer that nobody waits for any more is dropped. */
  private void settle(
      CompletableFuture<LeaderAnswer> result,
      @Nullable ReceivedResponse response,
      @Nullable Throwable failure) {
    if (response == null) {
      result.completeExceptionally(
          failure == null ? stopping() : PeerOpener.peerException(failure));
      return;
    }
    if (result.isDone()) {
      response.close();
      return;
    }
    LeaderAnswer answer;
    try {
      answer = read(response);
    } catch (RuntimeException e) {
      result.completeExceptionally(PeerOpener.peerException(e));
      return;
    }
    if (!result.complete(answer)) {
      answer.close();
    }
  }

  @Override
  public void hurry() {
    line.hurry();
  }

  private LeaderAnswer read(ReceivedResponse response) {
    boolean handedOut = false;
    try {
      FetchResponseData data = (FetchResponseData) response.message();
      Errors error = Errors.forCode(data.errorCode());
      LeaderAnswer answer =
          switch (error) {
            case NONE -> {
              goOn(data.sessionId());
              yield new LeaderAnswer.Batches(FetchMessages.partitions(data), response::close);
            }
            case FETCH_SESSION_ID_NOT_FOUND,
                INVALID_FETCH_SESSION_EPOCH,
                FETCH_SESSION_TOPIC_ID_ERROR -> {
              goOn(NO_SESSION);
              yield new LeaderAnswer.SessionLost();
            }
            case CLUSTER_AUTHORIZATION_FAILED ->
                throw new PeerException(
                    Kind.REJECTED, "node " + leader + " does not take this node for a replica");
            case BROKER_NOT_AVAILABLE ->
                throw new PeerException(Kind.BUSY, "node " + leader + " serves no fetches yet");
            default ->
                throw new PeerException(
                    Kind.FAILED, "node " + leader + " answered a fetch with " + error);
          };
      handedOut = answer instanceof LeaderAnswer.Batches;
      return answer;
    } finally {
      if (!handedOut) {
        response.close();
      }
    }
  }

  private synchronized void goOn(int session) {
    boolean same = session == sessionId && session != NO_SESSION;
    nextEpoch = same && nextEpoch < Integer.MAX_VALUE ? nextEpoch + 1 : 1;
    sessionId = session;
  }

  private static PeerException stopping() {
    return new PeerException(Kind.CLOSED, "the leader is not followed any more");
  }

  /** The connection stays, for whoever follows this leader next. */
  @Override
  public void close() {
    CompletableFuture<LeaderAnswer> given;
    synchronized (this) {
      closed = true;
      given = underWay;
    }
    if (given != null) {
      given.completeExceptionally(stopping());
    }
  }
}

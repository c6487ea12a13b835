package io.penstock.node.replica;

import io.penstock.client.wire.ReceivedResponse;
import io.penstock.node.peer.PeerConnection;
import io.penstock.node.peer.PeerOpener;
import io.penstock.replication.follower.LeaderAnswer;
import io.penstock.replication.follower.LeaderEndpoint;
import io.penstock.replication.follower.ReplicaFetch;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.peer.PeerException.Kind;
import io.penstock.replication.value.Address;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One leader node on one lane: a connection, made when there is none to where the newest image says
 * that the node is, and the fetch session there. The session belongs to the one fetch under way;
 * what several threads may use is guarded by the endpoint itself.
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
  private final RemoteLeaders all;
  private int sessionId = NO_SESSION;
  private int nextEpoch = INITIAL_EPOCH;
  private @Nullable CompletableFuture<PeerConnection> connection;
  private boolean closed;

  RemoteLeader(int nodeId, int leader, RemoteLeaders all) {
    this.nodeId = nodeId;
    this.leader = leader;
    this.all = all;
  }

  @Override
  public CompletionStage<LeaderAnswer> fetch(ReplicaFetch fetch) {
    int session;
    int epoch;
    synchronized (this) {
      if (!fetch.fresh() && sessionId == NO_SESSION) {
        return CompletableFuture.completedFuture(new LeaderAnswer.SessionLost());
      }
      session = sessionId; // one that a fresh fetch names is over
      epoch = fetch.fresh() ? INITIAL_EPOCH : nextEpoch;
    }
    return connected()
        .thenCompose(open ->
            open.send(
                ApiKeys.FETCH,
                _ -> FetchMessages.request(nodeId, fetch, session, epoch),
                fetch.maxWaitMs() + LATE_MS))
        .thenApply(this::read)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(told(failure)));
  }

  @Override
  public void hurry() {
    CompletableFuture<PeerConnection> existing;
    synchronized (this) {
      existing = connection;
    }
    if (existing != null && existing.isDone() && isUsable(existing)) {
      existing.join().hurry();
    }
  }

  private synchronized CompletableFuture<PeerConnection> connected() {
    if (closed) {
      return CompletableFuture.failedFuture(stopping());
    }
    CompletableFuture<PeerConnection> existing = connection;
    if (existing != null && isUsable(existing)) {
      return existing;
    }
    Address address = all.addressOf(leader);
    if (address == null) {
      return CompletableFuture.failedFuture(
          new PeerException(Kind.UNREACHABLE, "node " + leader + " is not registered"));
    }
    CompletableFuture<PeerConnection> opening =
        all.opener().open(address).thenApply(open -> checked(open, address));
    connection = opening;
    return opening;
  }

  private static boolean isUsable(CompletableFuture<PeerConnection> connection) {
    return !connection.isDone()
        || (!connection.isCompletedExceptionally() && connection.join().isOpen());
  }

  /** Another node may have got the address meanwhile. */
  private PeerConnection checked(PeerConnection open, Address address) {
    if (open.peer().nodeId() != leader) {
      open.close();
      throw new PeerException(
          Kind.REJECTED,
          "node " + open.peer().nodeId() + " answers at " + address + ", not node " + leader);
    }
    return open;
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

  private synchronized PeerException told(Throwable failure) {
    return closed ? stopping() : PeerOpener.peerException(failure);
  }

  private static PeerException stopping() {
    return new PeerException(Kind.CLOSED, "the leader is not followed any more");
  }

  @Override
  public void close() {
    CompletableFuture<PeerConnection> open;
    synchronized (this) {
      closed = true;
      open = connection;
    }
    if (open != null) {
      var _ = open.thenAccept(PeerConnection::close);
    }
  }
}

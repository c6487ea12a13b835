package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerCaller;
import io.penstock.replication.peer.PeerHandler;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.AbstractMessage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/**
 * Carries the messages of Raft over the peer protocol: a kind and Ratis' own protobuf message. A
 * member may speak for itself only, and is heard only by the member it meant: neither by another
 * node at its address nor by a node whose disk was wiped since.
 *
 * <p>Requests of others are served on a few threads of its own, since Ratis blocks; what does not
 * find room is refused, and comes again. Nothing passes in either direction until it is opened.
 */
final class PeerTransport implements PeerHandler, AutoCloseable {

  /** The kinds of messages, by their number on the wire. */
  enum Kind {
    VOTE(1),
    APPEND(2),
    SNAPSHOT(3),
    STAND(4),
    /** How do you see the group: ours, not Ratis'. */
    VIEW(5);

    private final byte id;

    Kind(int id) {
      this.id = (byte) id;
    }

    private static Kind ofBody(byte[] body) {
      for (Kind kind : values()) {
        if (body.length > 0 && body[0] == kind.id) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no such message of Raft");
    }
  }

  /** A member leads, votes or installs a snapshot in each group at most once at a time. */
  private static final int THREADS = 4;

  private static final int WAITING_MAX = 128;
  private static final long IDLE_S = 10;
  private static final long SNAPSHOT_TIMEOUT_MS = 10_000;
  private static final long SLACK_MS = 5_000;

  private final PeerNetwork network;
  private final long timeoutMs;
  private final Consumer<RaftGroupId> removals;
  private final Map<RaftPeerId, Address> addresses = new ConcurrentHashMap<>();
  private final Map<RaftPeerId, Address> told = new ConcurrentHashMap<>();
  private final LogAppenders appenders = new LogAppenders();
  private final ThreadPoolExecutor threads;
  private volatile @Nullable RaftServer server;
  private volatile boolean open;

  /**
   * @param timeoutMs for the answer to a message; that to a part of a snapshot may take longer
   * @param removals told, on a thread of Ratis, of a group whose leader says it has gone on without
   *     this member
   */
  PeerTransport(String name, PeerNetwork network, long timeoutMs, Consumer<RaftGroupId> removals) {
    this.network = network;
    this.timeoutMs = timeoutMs;
    this.removals = removals;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_S,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("control-rpc-" + name + "-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  void attach(RaftServer served) {
    server = served;
  }

  LogAppenders appenders() {
    return appenders;
  }

  /** From now on this member is heard, and hears. */
  void open() {
    open = true;
  }

  @Override
  public void close() {
    open = false;
    threads.shutdown();
  }

  void learn(Collection<RaftPeer> peers) {
    for (RaftPeer peer : peers) {
      Address address = PeerNames.memberOf(peer).address();
      if (address.port() != 0) {
        addresses.put(peer.getId(), address);
      }
    }
  }

  /** What a member says of itself counts more than what a configuration remembers. */
  void learn(Member member) {
    told.put(PeerNames.idOf(member), member.address());
  }

  private @Nullable Address addressOf(RaftPeerId peer) {
    Address address = told.get(peer);
    return address == null ? addresses.get(peer) : address;
  }

  void removedFrom(RaftRpcRequestProto header) {
    removals.accept(ProtoUtils.toRaftGroupId(header.getRaftGroupId()));
  }

  /** Asks another member and waits for its answer. */
  ByteString ask(Kind kind, RaftRpcRequestProto header, AbstractMessage message)
      throws IOException {
    RaftPeerId to = RaftPeerId.valueOf(header.getReplyId());
    Address address = addressOf(to);
    if (!open) {
      throw new InterruptedIOException("closed");
    }
    if (address == null) {
      throw new RaftRpcException(to + " has no address");
    }
    long waitMs = kind == Kind.SNAPSHOT ? SNAPSHOT_TIMEOUT_MS : timeoutMs;
    CompletableFuture<byte[]> answer =
        network.ask(address, PeerApi.RAFT, encode(kind, message), waitMs).toCompletableFuture();
    try {
      return UnsafeByteOperations.unsafeWrap(answer.get(waitMs + SLACK_MS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("no longer interested in the answer of " + to);
    } catch (ExecutionException | TimeoutException e) {
      throw new RaftRpcException(to + " at " + address + ": " + Failures.causeOf(e));
    }
  }

  /** Asks a member how it sees a group, without waiting; fails where it does not answer. */
  CompletableFuture<MemberView> askView(
      RaftPeerId from, RaftPeerId to, RaftGroupId group, long waitMs) {
    Address address = addressOf(to);
    if (address == null) {
      return CompletableFuture.failedFuture(new RaftRpcException(to + " has no address"));
    }
    byte[] body;
    try {
      body = encode(Kind.VIEW, Elections.header(from, to, group));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    return network
        .ask(address, PeerApi.RAFT, body, waitMs)
        .toCompletableFuture()
        .thenApply(MemberView::decode);
  }

  private static byte[] encode(Kind kind, AbstractMessage message) throws IOException {
    byte[] body = new byte[1 + message.getSerializedSize()];
    body[0] = kind.id;
    CodedOutputStream out = CodedOutputStream.newInstance(body, 1, body.length - 1);
    message.writeTo(out);
    out.flush();
    return body;
  }

  @Override
  public CompletionStage<byte[]> handle(PeerCaller caller, byte[] body) {
    RaftServer served = server;
    if (!open || served == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no member of a group"));
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    try {
      threads.execute(() -> serve(served, caller, body, answer));
    } catch (RejectedExecutionException _) {
      answer.completeExceptionally(new IllegalStateException("too much to do, or closed"));
    }
    return answer;
  }

  private void serve(
      RaftServer served, PeerCaller caller, byte[] body, CompletableFuture<byte[]> answer) {
    try {
      Kind kind = Kind.ofBody(body);
      ByteString message = UnsafeByteOperations.unsafeWrap(body).substring(1);
      switch (kind) {
        case VOTE -> {
          RequestVoteRequestProto request = RequestVoteRequestProto.parseFrom(message);
          check(served, caller, request.getServerRequest());
          answer.complete(served.requestVote(request).toByteArray());
        }
        case APPEND -> {
          AppendEntriesRequestProto request = AppendEntriesRequestProto.parseFrom(message);
          check(served, caller, request.getServerRequest());
          // After its fsync, which a thread of the log makes.
          var _ =
              served
                  .appendEntriesAsync(request)
                  .whenComplete((reply, failure) -> {
                    if (failure == null) {
                      answer.complete(reply.toByteArray());
                    } else {
                      answer.completeExceptionally(failure);
                    }
                  });
        }
        case SNAPSHOT -> {
          InstallSnapshotRequestProto request = InstallSnapshotRequestProto.parseFrom(message);
          check(served, caller, request.getServerRequest());
          answer.complete(served.installSnapshot(request).toByteArray());
        }
        case STAND -> {
          StartLeaderElectionRequestProto request =
              StartLeaderElectionRequestProto.parseFrom(message);
          check(served, caller, request.getServerRequest());
          answer.complete(served.startLeaderElection(request).toByteArray());
        }
        case VIEW -> {
          RaftRpcRequestProto request = RaftRpcRequestProto.parseFrom(message);
          check(served, caller, request);
          RaftGroupId group = ProtoUtils.toRaftGroupId(request.getRaftGroupId());
          answer.complete(MemberView.of(served, group).encode());
        }
      }
    } catch (IOException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  /** That the group is one of this server's is checked by Ratis. */
  private static void check(RaftServer served, PeerCaller caller, RaftRpcRequestProto header) {
    RaftPeerId from = RaftPeerId.valueOf(header.getRequestorId());
    RaftPeerId to = RaftPeerId.valueOf(header.getReplyId());
    if (PeerNames.nodeIdOf(from) != caller.nodeId()) {
      throw new IllegalArgumentException("node " + caller.nodeId() + " speaks for " + from);
    }
    if (!to.equals(served.getId())) {
      throw new IllegalArgumentException("this is " + served.getId() + ", not " + to);
    }
  }
}

package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.Position;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a committed command, calls the rules, swaps the image, notifies; nothing else. Runs on
 * the updater thread of its group, which is the only writer of the image.
 */
final class RatisStateMachine<I, C, R> extends BaseStateMachine {

  private final String group;
  private final GroupRules<I, C, R> rules;
  private final GroupListener<I> listener;
  private final Runnable look;
  private final Consumer<RaftGroupId> committed;
  private final FatalErrorHandler fatal;
  private final SnapshotFiles files = new SnapshotFiles();
  private final SnapshotWriter writer;
  private volatile I image;
  private final AtomicLong bytesSinceSnapshot = new AtomicLong();
  private volatile long snapshotNs = System.nanoTime();
  private List<Member> initialVoters = List.of();
  private volatile Position applied = Position.NONE;

  /**
   * @param look called, with locks of Ratis held, when the role may have changed or the group may
   *     have been closed; must only see to it that somebody looks
   * @param committed called when an entry of the group is agreed on, before it is applied
   */
  RatisStateMachine(
      String group,
      GroupRules<I, C, R> rules,
      GroupListener<I> listener,
      Runnable look,
      Consumer<RaftGroupId> committed,
      FatalErrorHandler fatal) {
    this.group = group;
    this.rules = rules;
    this.listener = listener;
    this.look = look;
    this.committed = committed;
    this.fatal = fatal;
    this.writer = new SnapshotWriter(group, files);
    this.image = rules.emptyImage();
  }

  /** Before the start of a new group: who votes in it. */
  void beginWith(List<Member> voters) {
    initialVoters = voters;
  }

  /** The answer of the rules as the reply of Ratis; it does not leave this process. */
  record LocalResult(Object result) implements Message {
    @Override
    public ByteString getContent() {
      return ByteString.EMPTY;
    }
  }

  I image() {
    return image;
  }

  /** The newest entry whose outcome {@link #image} has. */
  Position applied() {
    return applied;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
      throws IOException {
    // Without RUNNING a snapshot could never be installed: Ratis would send it again for ever.
    getLifeCycle()
        .startAndTransition(
            () -> {
              super.initialize(server, groupId, storage);
              files.open(storage);
              if (!initialVoters.isEmpty()) {
                InitialVoters.write(storage, initialVoters);
              }
              load();
            },
            IOException.class);
  }

  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public void reinitialize() throws IOException {
    getLifeCycle().startAndTransition(this::load, IOException.class);
  }

  private void load() throws IOException {
    SingleFileSnapshotInfo snapshot = files.latest();
    if (snapshot == null) {
      return;
    }
    image = files.read(snapshot, (in, length) -> rules.readImage(new CompactInput(in, length)));
    writer.found(snapshot.getIndex());
    setLastAppliedTermIndex(snapshot.getTermIndex());
    applied = new Position(snapshot.getTerm(), snapshot.getIndex());
    listener.imageChanged(applied, image);
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    committed.accept(getGroupId());
    try {
      byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
      Applied<I, ?, R> outcome = rules.apply(image, rules.decodeCommand(bytes));
      Position at = new Position(entry.getTerm(), entry.getIndex());
      image = outcome.image();
      applied = at;
      bytesSinceSnapshot.addAndGet(bytes.length);
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      listener.applied(at, bytes);
      listener.imageChanged(at, outcome.image());
      return CompletableFuture.completedFuture(new LocalResult(outcome.result()));
    } catch (RuntimeException | Error e) {
      fatal.halt("cannot apply entry " + entry.getIndex() + " of group '" + group + "'", e);
      throw e;
    }
  }

  /** An entry of Raft's own: there is nothing to apply, but the log has come further. */
  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    committed.accept(getGroupId());
    super.notifyTermIndexUpdated(term, index);
    applied = new Position(term, index);
    listener.imageChanged(applied, image);
  }

  /**
   * Hands the present image to the writer and returns the index of the newest finished file, which
   * may be older: what Ratis purges must be on disk.
   */
  @Override
  public long takeSnapshot() {
    TermIndex at = getLastAppliedTermIndex();
    I taken = image;
    if (at != null && at.getIndex() >= 0) {
      writer.start(at, out -> rules.writeImage(taken, new CompactOutput(out)));
      bytesSinceSnapshot.set(0);
      snapshotNs = System.nanoTime();
    }
    long finished = writer.finishedIndex();
    return finished >= 0 ? finished : RaftLog.INVALID_LOG_INDEX;
  }

  /** Whether the log since the last snapshot has become old or large. */
  boolean isSnapshotDue(long bytesMax, long ageMaxMs) {
    TermIndex at = getLastAppliedTermIndex();
    if (at == null || at.getIndex() <= writer.finishedIndex()) {
      return false;
    }
    long ageMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - snapshotNs);
    long bytes = bytesSinceSnapshot.get();
    return bytes >= bytesMax || (bytes > 0 && ageMs >= ageMaxMs);
  }

  long snapshotFailures() {
    return writer.failures();
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return files.storage();
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    return files.storage().getLatestSnapshot();
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
    // Ratis latches the first failure of its log and would refuse every append from now on.
    fatal.halt("cannot write the log of group '" + group + "'", cause);
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    look.run();
  }

  @Override
  public void notifyLeaderReady() {
    look.run();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    look.run();
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto roleInfo, boolean allServer) {
    look.run();
  }

  @Override
  public void close() {
    writer.close();
  }
}

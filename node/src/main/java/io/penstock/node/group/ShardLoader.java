package io.penstock.node.group;

import io.penstock.client.wire.KeyedBatches;
import io.penstock.client.wire.MalformedFrameException;
import io.penstock.node.group.consumer.ConsumerState;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.offset.OffsetChange;
import io.penstock.node.group.record.GroupRecordCodec;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log of one shard from its start to where it ends when its leader begins, in chunks of
 * bounded size, and says how far it has come where that takes long. One thread, which is not the
 * shard's: it blocks on the disk.
 */
final class ShardLoader implements GroupRecordCodec.Reader {

  private static final Logger LOG = LoggerFactory.getLogger(ShardLoader.class);
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long PROGRESS_MS = 5_000;

  private final ShardLog log;
  private final GroupRestore restore;
  private final LongSupplier clock;
  private final BooleanSupplier cancelled;
  private final BatchBuffer buffer;
  private final ShardState state = ShardState.empty();
  private final Map<String, GroupSnapshot> snapshots = new HashMap<>();
  private final Map<String, ConsumerState> consumers = new HashMap<>();
  private long records;
  private long unknown;

  /** Of one load, into the buffer of the thread that it is on. */
  ShardLoader(
      ShardLog log,
      GroupRestore restore,
      LongSupplier clock,
      BooleanSupplier cancelled,
      BatchBuffer buffer) {
    this.log = log;
    this.restore = restore;
    this.clock = clock;
    this.cancelled = cancelled;
    this.buffer = buffer;
  }

  /**
   * Reads everything.
   *
   * @return null where it was cancelled
   */
  @Nullable ShardState load()
      throws StorageException, ShardLog.NotLeaderException, MalformedFrameException {
    long startMs = clock.getAsLong();
    long saidMs = startMs;
    long start = log.startOffset();
    long end = log.endOffset();
    for (long offset = start; offset < end; ) {
      if (cancelled.getAsBoolean()) {
        return null;
      }
      ByteBuffer batches = log.read(offset, CHUNK_BYTES, buffer);
      long next = KeyedBatches.forEach(batches, this::take);
      if (next <= offset) {
        throw new IllegalStateException(log.id() + " cannot be read behind " + offset);
      }
      offset = next;
      long nowMs = clock.getAsLong();
      if (nowMs - saidMs >= PROGRESS_MS) {
        saidMs = nowMs;
        LOG.info("Loading groups: partition={} offset={} end={}", log.id(), offset, end);
      }
    }
    long nowMs = clock.getAsLong();
    restoreGroups(nowMs);
    say(nowMs - startMs, end);
    return state;
  }

  private void restoreGroups(long nowMs) {
    List<Group> groups = new ArrayList<>(snapshots.size() + consumers.size());
    for (GroupSnapshot snapshot : snapshots.values()) {
      groups.add(restore.classic(snapshot, nowMs));
    }
    for (ConsumerState consumer : consumers.values()) {
      if (consumer.exists()) {
        groups.add(restore.consumer(consumer, nowMs));
      }
    }
    groups.forEach(state.groups()::put);
  }

  private void say(long tookMs, long end) {
    if (records == 0) {
      LOG.debug("Groups loaded: partition={} epoch={}", log.id(), log.leaderEpoch());
      return;
    }
    LOG.info(
        "Groups loaded: partition={} epoch={} end={} records={} unknown={} groups={} offsets={}"
            + " ms={}",
        log.id(),
        log.leaderEpoch(),
        end,
        records,
        unknown,
        state.groups().all().size(),
        state.offsets().count(),
        tookMs);
  }

  private void take(long offset, ByteBuffer key, @Nullable ByteBuffer value)
      throws MalformedFrameException {
    records++;
    GroupRecordCodec.decode(key, value, this);
  }

  @Override
  public void offset(OffsetChange change) {
    state.offsets().apply(change);
  }

  @Override
  public void group(GroupRecord group) {
    switch (group) {
      case GroupRecord.Removed(String groupId) -> snapshots.remove(groupId);
      case GroupRecord.Stored(GroupSnapshot snapshot) ->
          snapshots.put(snapshot.groupId(), snapshot);
      case ConsumerGroupRecord record -> {
        ConsumerState consumer = consumers.computeIfAbsent(record.groupId(), ConsumerState::new);
        consumer.apply(record);
        if (consumer.isBlank()) {
          consumers.remove(record.groupId());
        }
      }
    }
  }

  @Override
  public void unknown(short type) {
    unknown++;
  }
}

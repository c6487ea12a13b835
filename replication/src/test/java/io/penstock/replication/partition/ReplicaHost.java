package io.penstock.replication.partition;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.leadership.PartitionImage;
import io.penstock.replication.observer.Tasks;
import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.index.IndexCache;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.BackgroundWork;
import io.penstock.storage.log.BatchMapBudget;
import io.penstock.storage.log.BatchTimestampScanner;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogMetrics;
import io.penstock.storage.log.LogOffsets;
import io.penstock.storage.log.LogServices;
import io.penstock.storage.log.LogServices.SharedCaches;
import io.penstock.storage.log.LogSettings;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.OpenFiles;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import io.penstock.storage.log.StorageTask;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;

/**
 * One replica on a disk in memory, whose background work runs as tasks of a test's clock: nothing
 * here has a thread. It can be killed and started again, with its disk or without.
 */
public final class ReplicaHost {

  private static final Path DIRECTORY = Path.of("/data/pipe-0");

  private final int nodeId;
  private final LogId id;
  private final LogSettings settings;
  private final Tasks tasks;
  private final ArrayDeque<StorageTask> heldSyncs = new ArrayDeque<>();
  private final Wakeups wakeups = new Wakeups();
  private FakeDisk disk;
  private PartitionLog log;
  private PartitionReplica replica;
  private boolean holdsSyncs;
  private int lives;

  public ReplicaHost(int nodeId, LogId id, LogSettings settings, Tasks tasks)
      throws StorageException {
    this.nodeId = nodeId;
    this.id = id;
    this.settings = settings;
    this.tasks = tasks;
    this.disk = newDisk();
    this.log = open(LogOffsets.ZERO, true);
    this.replica = new PartitionReplica(nodeId, log);
  }

  private static FakeDisk newDisk() throws StorageException {
    FakeDisk fresh = new FakeDisk(1);
    fresh.createDirectories(DIRECTORY);
    fresh.syncDirectory(DIRECTORY);
    return fresh;
  }

  private PartitionLog open(LogOffsets checkpointed, boolean clean) throws StorageException {
    LogServices services =
        new LogServices(
            disk,
            new Work(++lives),
            Runnable::run,
            LogMetrics.in(new MetricRegistry()),
            () -> 1_000_000 + tasks.nowMs(),
            new SharedCaches(
                new IndexCache(1 << 20), new OpenFiles(100), new BatchMapBudget(1 << 20)),
            BatchTimestampScanner.HEADERS_ONLY,
            _ -> {});
    return PartitionLog.open(id, DIRECTORY, settings, services, checkpointed, clean);
  }

  /** Work of one life of the process; it dies with it. */
  private final class Work implements BackgroundWork {
    private final int life;

    Work(int life) {
      this.life = life;
    }

    @Override
    public void prepare(StorageTask task) {
      later(0, task);
    }

    @Override
    public void sync(StorageTask task) {
      if (holdsSyncs) {
        heldSyncs.add(task);
      } else {
        later(0, task);
      }
    }

    @Override
    public void flush(StorageTask task) {
      later(0, task);
    }

    @Override
    public void delete(long delayMs, StorageTask task) {
      later(delayMs, task);
    }

    private void later(long delayMs, StorageTask task) {
      var _ =
          tasks.runAfter(
              delayMs,
              () -> {
                if (life == lives) {
                  run(task);
                }
              });
    }
  }

  private static void run(StorageTask task) {
    try {
      task.run();
    } catch (StorageException failure) {
      throw new AssertionError("background work failed", failure);
    }
  }

  public int nodeId() {
    return nodeId;
  }

  public PartitionReplica replica() {
    return replica;
  }

  public FakeDisk disk() {
    return disk;
  }

  public void become(PartitionImage partition) {
    replica.become(partition, 1, wakeups);
    wakeups.run();
  }

  /** What a producer sends. */
  public ReplicaAppend append(ByteBuffer records) {
    ReplicaAppend append = replica.append(records, 1, 1_000_000 + tasks.nowMs(), wakeups);
    wakeups.run();
    return append;
  }

  /** From now on fsyncs for acks wait until {@link #letSyncsPass}. */
  public void holdSyncs() {
    holdsSyncs = true;
  }

  public void letSyncsPass() {
    holdsSyncs = false;
    while (!heldSyncs.isEmpty()) {
      run(heldSyncs.remove());
    }
  }

  /** The process is killed and started again; what it wrote is there. */
  public void restart() throws StorageException {
    LogOffsets offsets =
        new LogOffsets(log.logStartOffset(), log.recoveryPoint(), replica.highWatermark());
    end();
    log = open(offsets, false);
    replica = new PartitionReplica(nodeId, log);
  }

  /** The machine loses its power; what was not forced may be lost or torn. */
  public void losePower(FakeDisk.Tearing tearing) throws StorageException {
    LogOffsets offsets = new LogOffsets(log.logStartOffset(), log.recoveryPoint(), 0);
    end();
    disk.crash(tearing);
    log = open(offsets, false);
    replica = new PartitionReplica(nodeId, log);
  }

  /** The process is killed, and started again with an empty disk. */
  public void restartWiped() throws StorageException {
    end();
    disk = newDisk();
    log = open(LogOffsets.ZERO, true);
    replica = new PartitionReplica(nodeId, log);
  }

  private void end() throws StorageException {
    lives++;
    heldSyncs.clear();
    replica.retire("killed", wakeups);
    wakeups.run();
    log.abandon();
  }

  public PartitionLog log() {
    return log;
  }

  /** All batches, from the one that holds the offset on. */
  public byte[] bytesFrom(long offset) throws StorageException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long at = offset;
    while (log.read(at, 1 << 20, log.logEndOffset(), true)
        instanceof ReadOutcome.Slice(LogSlice slice)) {
      ByteBuffer bytes = ByteBuffer.allocate(slice.size());
      slice.file().read(bytes, slice.position());
      slice.release();
      bytes.flip();
      int end = 0;
      while (bytes.limit() - end >= RecordBatch.HEADER_BYTES
          && RecordBatch.sizeInBytes(bytes, end) <= bytes.limit() - end) {
        at = RecordBatch.lastOffset(bytes, end) + 1;
        end += RecordBatch.sizeInBytes(bytes, end);
      }
      all.write(bytes.array(), 0, end);
    }
    return all.toByteArray();
  }
}

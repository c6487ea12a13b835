package io.penstock.replication.simulation;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.ReadOutcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Does to the disk of a process that has died what a {@link Crash} says. */
final class DiskDamage {

  private static final int GARBAGE_BYTES_MAX = 900;

  private static final int UNGUARDED_BYTES = 16;
  private static final String SEGMENT_SUFFIX = ".log";

  /** From which offset on no recovery believes a log, and at which position that is in a file. */
  private record Tail(Path directory, long offset, long position) {}

  private final FakeDisk disk;
  private final Random random;
  private final List<Tail> tails = new ArrayList<>();

  /** Looks where the tails are while the process can still say so. */
  DiskDamage(FakeDisk disk, SimBroker dying, Random random) {
    this.disk = disk;
    this.random = random;
    for (PartitionLog log : dying.storage().logs()) {
      try {
        long from = Math.max(log.recoveryPoint(), log.logStartOffset());
        if (log.read(from, 1, log.logEndOffset(), true) instanceof ReadOutcome.Slice(var slice)) {
          tails.add(new Tail(log.directory(), from, slice.position()));
          slice.release();
        }
      } catch (StorageException diskFailed) {
        // Then it is damaged already.
      }
    }
  }

  void apply(Crash kind) {
    try {
      disk.healWrites();
      disk.crash(
          switch (kind) {
            case UNFORCED_LOST -> Tearing.LOSE_ALL;
            case UNFORCED_PREFIX -> Tearing.KEEP_PREFIX;
            case UNFORCED_SECTORS -> Tearing.KEEP_RANDOM_SECTORS;
            default -> Tearing.KEEP_ALL;
          });
      for (Tail tail : tails) {
        if (disk.exists(tail.directory)) {
          damageEnd(kind, tail);
        }
      }
    } catch (StorageException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Damages the last segment of a log. */
  private void damageEnd(Crash kind, Tail tail) throws StorageException {
    Path last = null;
    for (Path file : disk.list(tail.directory)) {
      last = file.toString().endsWith(SEGMENT_SUFFIX) ? file : last;
    }
    if (last == null) {
      return;
    }
    String name = String.valueOf(last.getFileName());
    long baseOffset = Long.parseLong(name, 0, name.indexOf('.'), 10);
    try (DiskFile file = disk.open(last, OpenMode.READ_WRITE)) {
      long from = tail.offset > baseOffset ? tail.position : 0;
      long size = file.size();
      boolean hasTail = size > from;
      switch (kind) {
        case GARBAGE_TAIL -> {
          ByteBuffer garbage = ByteBuffer.allocate(1 + random.nextInt(GARBAGE_BYTES_MAX));
          random.nextBytes(garbage.array());
          file.write(new ByteBuffer[] {garbage}, 1, size);
          file.force(true);
        }
        case TORN_TAIL -> {
          if (hasTail) {
            file.truncate(from + random.nextLong(size - from));
            file.force(true);
          }
        }
        case FLIPPED_BYTE -> {
          if (hasTail) {
            disk.flipByte(last, anyByte(file, from, size));
          }
        }
        case KILLED, UNFORCED_LOST, UNFORCED_PREFIX, UNFORCED_SECTORS, WIPED -> {}
      }
    }
  }

  /**
   * A byte of some batch, rather often of its offset, length or leader epoch: no CRC covers those.
   */
  private long anyByte(DiskFile file, long from, long size) throws StorageException {
    ByteBuffer bytes = ByteBuffer.allocate((int) (size - from));
    file.read(bytes, from);
    List<Integer> batches = new ArrayList<>();
    int at = 0;
    while (bytes.capacity() - at >= RecordBatch.HEADER_BYTES
        && RecordBatch.sizeInBytes(bytes, at) <= bytes.capacity() - at) {
      batches.add(at);
      at += RecordBatch.sizeInBytes(bytes, at);
    }
    int batch = batches.get(random.nextInt(batches.size()));
    int within = random.nextBoolean() ? UNGUARDED_BYTES : RecordBatch.sizeInBytes(bytes, batch);
    return from + batch + random.nextInt(within);
  }
}

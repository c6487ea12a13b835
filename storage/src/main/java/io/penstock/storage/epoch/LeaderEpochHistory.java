package io.penstock.storage.epoch;

import io.penstock.storage.io.CheckpointLines;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The leader epochs of one log, in memory, with Kafka's {@code leader-epoch-checkpoint} file behind
 * it. Changes are made by one thread at a time (the partition's writer) and touch memory only;
 * {@link #flush} writes the file and may block, so it is called off the append path. Readers take
 * no lock: they see one immutable list. Epochs and start offsets both grow strictly.
 *
 * <p>Why a change need not be durable at once: batches carry their epoch, so recovery finds again
 * every epoch that began behind the recovery point. Flush before that point advances.
 */
public final class LeaderEpochHistory {
  public static final String FILE_NAME = "leader-epoch-checkpoint";

  private final Disk disk;
  private final Object flushLock = new Object();
  private volatile Path path;
  private volatile List<EpochStart> starts;
  private List<EpochStart> flushed;

  private LeaderEpochHistory(Disk disk, Path path, List<EpochStart> starts) {
    this.disk = disk;
    this.path = path;
    this.starts = starts;
    this.flushed = starts;
  }

  /** Reads the file of a partition's directory; where there is none the history is empty. */
  public static LeaderEpochHistory open(Disk disk, Path partitionDirectory)
      throws StorageException {
    Path path = partitionDirectory.resolve(FILE_NAME);
    return new LeaderEpochHistory(disk, path, read(disk, path));
  }

  /** An empty history whose file will be replaced: for a log whose file is damaged. */
  public static LeaderEpochHistory empty(Disk disk, Path partitionDirectory) {
    return new LeaderEpochHistory(disk, partitionDirectory.resolve(FILE_NAME), List.of());
  }

  public List<EpochStart> entries() {
    return starts;
  }

  public OptionalInt latestEpoch() {
    List<EpochStart> seen = starts;
    return seen.isEmpty() ? OptionalInt.empty() : OptionalInt.of(seen.getLast().epoch());
  }

  /** The epoch of the record at an offset, or -1 where the history does not reach back so far. */
  public int epochAt(long offset) {
    List<EpochStart> seen = starts;
    int slot = lastStartAtOrBefore(seen, offset);
    return slot < 0 ? -1 : seen.get(slot).epoch();
  }

  /**
   * Notes that an epoch begins at an offset, unless it has begun before. Entries that contradict it
   * (a later epoch, or a later or equal start) go, since what they described has been truncated, or
   * was never more than the start of a leader that wrote nothing. Returns whether the history
   * changed.
   */
  public boolean assign(int epoch, long startOffset) {
    if (epoch < 0 || startOffset < 0) {
      throw new IllegalArgumentException("epoch " + epoch + " at offset " + startOffset);
    }
    List<EpochStart> seen = starts;
    if (!seen.isEmpty()
        && seen.getLast().epoch() == epoch
        && seen.getLast().startOffset() <= startOffset) {
      return false;
    }
    int keep = seen.size();
    while (keep > 0
        && (seen.get(keep - 1).epoch() > epoch
            || seen.get(keep - 1).startOffset() >= startOffset)) {
      keep--;
    }
    List<EpochStart> next = new ArrayList<>(seen.subList(0, keep));
    if (next.isEmpty() || next.getLast().epoch() != epoch) {
      next.add(new EpochStart(epoch, startOffset));
    }
    starts = List.copyOf(next);
    return true;
  }

  /**
   * Takes in epochs that began before the first known one; where that one is among them, it began
   * there. For recovery: epochs and starts both grow in what it gives.
   */
  public void extendBack(List<EpochStart> earlier) {
    List<EpochStart> seen = starts;
    List<EpochStart> next = new ArrayList<>();
    for (EpochStart start : earlier) {
      if (seen.isEmpty()
          || (start.epoch() <= seen.getFirst().epoch()
              && start.startOffset() < seen.getFirst().startOffset())) {
        next.add(start);
      }
    }
    for (EpochStart start : seen) {
      if (next.isEmpty() || next.getLast().epoch() < start.epoch()) {
        next.add(start);
      }
    }
    starts = List.copyOf(next);
  }

  /**
   * Where the given epoch ends in this log (the rule of KIP-279): of the latest epoch at the end of
   * the log; of an epoch between two known ones, or of a known one, at the start of the next known
   * one; of an epoch above all known ones, unknown.
   */
  public EpochEnd endOffsetFor(int epoch, long logEndOffset) {
    List<EpochStart> seen = starts;
    if (epoch < 0 || seen.isEmpty() || epoch > seen.getLast().epoch()) {
      return EpochEnd.UNKNOWN;
    }
    if (epoch == seen.getLast().epoch()) {
      return new EpochEnd(epoch, logEndOffset);
    }
    int higher = 0;
    while (seen.get(higher).epoch() <= epoch) {
      higher++;
    }
    int answered = higher == 0 ? epoch : seen.get(higher - 1).epoch();
    return new EpochEnd(answered, seen.get(higher).startOffset());
  }

  /** Forgets the epochs that began at or behind the new end of the log. */
  public void truncateFromEnd(long endOffset) {
    List<EpochStart> seen = starts;
    int keep = seen.size();
    while (keep > 0 && seen.get(keep - 1).startOffset() >= endOffset) {
      keep--;
    }
    if (keep < seen.size()) {
      starts = List.copyOf(seen.subList(0, keep));
    }
  }

  /** Forgets what lies before the new start; the epoch that reaches over it now begins there. */
  public void truncateFromStart(long startOffset) {
    List<EpochStart> seen = starts;
    int first = lastStartAtOrBefore(seen, startOffset);
    if (first < 0 || (first == 0 && seen.getFirst().startOffset() == startOffset)) {
      return;
    }
    List<EpochStart> next = new ArrayList<>(seen.subList(first, seen.size()));
    next.set(0, new EpochStart(next.getFirst().epoch(), startOffset));
    starts = List.copyOf(next);
  }

  public void clear() {
    starts = List.of();
  }

  /** Writes the file where memory has moved on since the last time. Any thread; blocks. */
  public void flush() throws StorageException {
    synchronized (flushLock) {
      List<EpochStart> now = starts;
      if (now.equals(flushed)) {
        return;
      }
      CheckpointLines.write(
          disk,
          path,
          now.stream().map(start -> start.epoch() + " " + start.startOffset()).toList());
      flushed = now;
    }
  }

  /** The partition's directory has been renamed. */
  public void movedTo(Path partitionDirectory) {
    path = partitionDirectory.resolve(FILE_NAME);
  }

  private static int lastStartAtOrBefore(List<EpochStart> seen, long offset) {
    int low = 0;
    int high = seen.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (seen.get(middle).startOffset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private static List<EpochStart> read(Disk disk, Path path) throws StorageException {
    List<EpochStart> starts = new ArrayList<>();
    for (String line : CheckpointLines.read(disk, path)) {
      EpochStart start = parse(line, path);
      if (!starts.isEmpty()
          && (start.epoch() <= starts.getLast().epoch()
              || start.startOffset() <= starts.getLast().startOffset())) {
        throw CheckpointLines.corrupt("epochs are out of order", path);
      }
      starts.add(start);
    }
    return List.copyOf(starts);
  }

  private static EpochStart parse(String line, Path path) throws StorageException {
    int blank = line.indexOf(' ');
    try {
      int epoch = Integer.parseInt(line, 0, Math.max(0, blank), 10);
      long startOffset = Long.parseLong(line, blank + 1, line.length(), 10);
      if (epoch >= 0 && startOffset >= 0) {
        return new EpochStart(epoch, startOffset);
      }
    } catch (NumberFormatException e) {
      // Falls through to the same answer as a negative number.
    }
    throw CheckpointLines.corrupt("no epoch and offset in line '" + line + "'", path);
  }
}

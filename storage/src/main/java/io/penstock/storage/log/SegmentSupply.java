package io.penstock.storage.log;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.DiskFullException;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that an append finds its segment made and its blocks reserved. The background makes a
 * file and reserves room ahead of the writer; the writer only renames it when it rolls. Where a
 * segment fills up faster than the background makes the next file, the writer makes it itself,
 * which is counted ({@code unpreparedRolls}).
 *
 * <p>Why a rename: a segment is named after its first offset, which is not known before. A rename
 * touches memory and the journal, as the write that follows it does; creating and reserving may
 * wait for the disk.
 *
 * <p>Why in steps: reserved room is taken from others. A log gets as much ahead as it has used, at
 * most {@link #STEP_BYTES_MAX}, so that a thousand idle partitions reserve nothing and a busy one
 * has its room. Reserved room saved a quarter to a third of the CPU of appends, measured with
 * batches of 128 KiB and more. Each step keeps appends to the file out while the kernel looks for
 * blocks, a tenth of a second where it has to read for that. So a log that fills its segments fast
 * finds the next one with the room for a minute, taken while nobody writes to it.
 */
final class SegmentSupply {
  private static final int STEP_BYTES_MIN = 1 << 20;
  private static final int STEP_BYTES_MAX = 64 << 20;

  /** More than a step is taken only where the disk has so many times that left. */
  private static final int DISK_SHARE = 16;

  private final LogState state;
  private final AtomicReference<@Nullable Prepared> prepared = new AtomicReference<>();
  private final AtomicBoolean busy = new AtomicBoolean();

  /** Up to where the active segment has its room reserved; written by the background. */
  private volatile int reservedTo;

  private volatile @Nullable LogSegment reservedIn;

  private record Prepared(DiskFile file, int reserved) {}

  SegmentSupply(LogState state) {
    this.state = state;
  }

  /** After an append: asks for more room, or for the next segment, before they are needed. */
  void appended(LogEnd end) {
    if ((isRoomLow(end) || isNextDue(end)) && busy.compareAndSet(false, true)) {
      state.services.work().prepare(state.untilAbandoned(this::prepare));
    }
  }

  private boolean isRoomLow(LogEnd end) {
    LogSettings settings = state.settings;
    if (!settings.preallocate() || end.position() < STEP_BYTES_MIN) {
      return false;
    }
    int reserved = reservedIn == end.segment() ? reservedTo : 0;
    return reserved < settings.segmentBytes()
        && end.position() > reserved - step(end.position()) / 2;
  }

  private boolean isNextDue(LogEnd end) {
    return end.position() > state.settings.segmentBytes() / 2 && prepared.get() == null;
  }

  private static int step(int position) {
    return Math.clamp(Integer.highestOneBit(position), STEP_BYTES_MIN, STEP_BYTES_MAX);
  }

  private void prepare() throws StorageException {
    try {
      if (state.closed) {
        return;
      }
      if (isRoomLow(state.end)) {
        reserveAhead(state.end);
      }
      if (isNextDue(state.end)) {
        prepareNext();
      }
    } catch (DiskFullException full) {
      // Nothing is lost but speed; whether an append fits is for its write to find out.
    } finally {
      busy.set(false);
    }
  }

  private void reserveAhead(LogEnd end) throws StorageException {
    int from = reservedIn == end.segment() ? Math.max(reservedTo, end.position()) : end.position();
    long to = Math.min((long) from + step(end.position()), state.settings.segmentBytes());
    if (to > from) {
      end.segment().allocate(from, to - from);
      reservedTo = (int) to;
      reservedIn = end.segment();
    }
  }

  private void prepareNext() throws StorageException {
    state.end.segment().makeNameDurable();
    Path path = state.directory.resolve(SegmentFiles.PREPARED_NAME);
    state.services.disk().delete(path);
    DiskFile file = state.services.disk().open(path, OpenMode.CREATE);
    int reserved = 0;
    try {
      if (state.settings.preallocate()) {
        int wanted = roomForNext();
        file.allocate(0, wanted);
        reserved = wanted;
      }
    } catch (DiskFullException full) {
      reserved = 0;
    } catch (StorageException failure) {
      QuietClose.close(file);
      throw failure;
    }
    prepared.set(new Prepared(file, reserved));
    if (state.closed) {
      drop();
    }
  }

  private int roomForNext() throws StorageException {
    LogEnd end = state.end;
    int segmentBytes = state.settings.segmentBytes();
    int least = Math.min(STEP_BYTES_MAX, segmentBytes / 2);
    long appended = Math.min(end.position(), state.bytesAppended.get());
    long ageMs = state.services.clock().getAsLong() - end.segment().openedMs();
    long inAMinute = appended * 60_000 / Math.max(1, ageMs);
    int wanted = Math.clamp(inAMinute, least, segmentBytes);
    boolean isRoomy = wanted <= state.services.disk().usableBytes(state.directory) / DISK_SHARE;
    return isRoomy ? wanted : least;
  }

  /** An empty segment with this base offset. The writer calls. */
  LogSegment next(long baseOffset) throws StorageException {
    // Waits for the disk only where a new log rolls before the background came to it at all.
    state.segments.get().first().makeNameDurable();
    Prepared ready = prepared.getAndSet(null);
    DiskFile file = ready == null ? null : renamed(ready.file(), baseOffset);
    if (file == null) {
      file = createNow(baseOffset);
      state.services.metrics().unpreparedRolls().inc();
    }
    LogSegment segment;
    try {
      segment =
          LogSegment.created(
              state.services, state.directory, baseOffset, file, state.settings.indexBytes());
    } catch (DiskFullException full) {
      QuietClose.close(file);
      // The log goes on without it, and a recovery ends a segment where the next one begins.
      state.services.disk().delete(file.path());
      state.services.disk().syncDirectory(state.directory);
      throw full;
    } catch (StorageException failure) {
      QuietClose.close(file);
      throw failure;
    }
    if (ready != null) {
      reservedTo = ready.reserved();
      reservedIn = segment;
    }
    return segment;
  }

  private @Nullable DiskFile renamed(DiskFile file, long baseOffset) throws StorageException {
    Path to = SegmentFiles.path(state.directory, baseOffset, SegmentFiles.LOG_SUFFIX);
    try {
      state.services.disk().rename(file.path(), to);
      return file;
    } catch (DiskFullException full) {
      QuietClose.close(file);
      return null;
    } catch (StorageException failure) {
      QuietClose.close(file);
      throw failure;
    }
  }

  private DiskFile createNow(long baseOffset) throws StorageException {
    Path path = SegmentFiles.path(state.directory, baseOffset, SegmentFiles.LOG_SUFFIX);
    DiskFile file = state.services.disk().open(path, OpenMode.CREATE);
    if (file.size() > 0) {
      // Left by an append that failed right after its roll; nothing in it was ever published.
      file.truncate(0);
    }
    return file;
  }

  /** Room behind the end was given back by a truncation. */
  void roomGivenBack() {
    reservedTo = 0;
  }

  /** Lets go of the file that was made ahead; it is deleted with the log, or at the next start. */
  void abandon() {
    Prepared ready = prepared.getAndSet(null);
    if (ready != null) {
      QuietClose.close(ready.file());
    }
  }

  /** Removes the file that was made ahead. */
  void drop() throws StorageException {
    Prepared ready = prepared.getAndSet(null);
    if (ready != null) {
      QuietClose.close(ready.file());
      state.services.disk().delete(ready.file().path());
    }
  }
}

package io.penstock.replication.observer;

import io.penstock.replication.value.Position;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Images of a group in bytes, for those observers that commands do not reach. An image is encoded
 * once, on a thread of its own, and shared by all who ask while its commands are kept; it is let go
 * when nobody has asked for a while. Any thread may call; one lock, never held while encoding.
 */
final class SharedSnapshots {

  /** One that is served and one that is being finished by those who began with it. */
  private static final int KEPT_MAX = 2;

  private static final long UNUSED_MAX_MS = 30_000;

  private final Tasks encoder;
  private final long bytesMax;
  private final List<Snapshot> kept = new ArrayList<>();
  private @Nullable CompletableFuture<Snapshot> inTheMaking;
  private boolean letGoIsDue;

  /**
   * @param encoder where images are encoded; tests may run them at once
   * @param bytesMax no snapshot is larger
   */
  SharedSnapshots(Tasks encoder, long bytesMax) {
    this.encoder = encoder;
    this.bytesMax = bytesMax;
  }

  /** Writes an image. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** An image, and its place. */
  record Source(Position at, Content content) {}

  /** The newest one that is still good for its purpose; a new one is made where there is none. */
  CompletionStage<Snapshot> newest(Predicate<Position> good, Supplier<Source> source) {
    CompletableFuture<Snapshot> making;
    synchronized (this) {
      for (Snapshot snapshot : kept.reversed()) {
        if (good.test(snapshot.at())) {
          snapshot.usedMs = encoder.nowMs();
          return CompletableFuture.completedFuture(snapshot);
        }
      }
      CompletableFuture<Snapshot> before = inTheMaking;
      if (before != null) {
        return before;
      }
      making = new CompletableFuture<>();
      inTheMaking = making;
    }
    encoder.run(() -> make(source.get(), making));
    return making;
  }

  /** The one of that place, or null where it was let go. */
  synchronized @Nullable Snapshot find(Position at) {
    for (Snapshot snapshot : kept) {
      if (snapshot.at().equals(at)) {
        snapshot.usedMs = encoder.nowMs();
        return snapshot;
      }
    }
    return null;
  }

  private void make(Source source, CompletableFuture<Snapshot> making) {
    Snapshot made = null;
    Throwable failure = null;
    boolean first = false;
    try (PartsOutput out = new PartsOutput(bytesMax)) {
      source.content().writeTo(out);
      made = new Snapshot(source.at(), out.parts(), out.length, (int) out.crc.getValue());
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    synchronized (this) {
      inTheMaking = null;
      if (made != null) {
        made.usedMs = encoder.nowMs();
        kept.add(made);
        first = !letGoIsDue;
        letGoIsDue = true;
        if (kept.size() > KEPT_MAX) {
          kept.removeFirst();
        }
      }
    }
    if (made == null) {
      making.completeExceptionally(failure);
      return;
    }
    if (first) {
      encoder.runAfter(UNUSED_MAX_MS, this::letGo);
    }
    making.complete(made);
  }

  private synchronized void letGo() {
    long nowMs = encoder.nowMs();
    kept.removeIf(snapshot -> nowMs - snapshot.usedMs >= UNUSED_MAX_MS);
    letGoIsDue = !kept.isEmpty();
    if (letGoIsDue) {
      encoder.runAfter(UNUSED_MAX_MS, this::letGo);
    }
  }

  synchronized int keptCount() {
    return kept.size();
  }

  /** An image in bytes. */
  static final class Snapshot {

    private final Position at;
    private final List<byte[]> parts;
    private final long length;
    private final int crc;
    private long usedMs;

    private Snapshot(Position at, List<byte[]> parts, long length, int crc) {
      this.at = at;
      this.parts = parts;
      this.length = length;
      this.crc = crc;
    }

    Position at() {
      return at;
    }

    /** The part at an offset, or the end of the part that the offset is in. */
    SnapshotAnswer partAt(long offset, int limit) {
      if (offset < 0 || offset > length) {
        return SnapshotAnswer.GONE;
      }
      if (offset == length) {
        return new SnapshotAnswer(true, at, length, crc, new byte[0]);
      }
      byte[] part = parts.get((int) (offset / PartsOutput.PART_BYTES));
      int from = (int) (offset % PartsOutput.PART_BYTES);
      int to = (int) Math.min(part.length, (long) from + Math.max(1, limit));
      byte[] bytes = from == 0 && to == part.length ? part : Arrays.copyOfRange(part, from, to);
      return new SnapshotAnswer(true, at, length, crc, bytes);
    }
  }

  /** Collects bytes in parts of one size, the last one of what is left. */
  private static final class PartsOutput extends OutputStream {

    static final int PART_BYTES = 1 << 20;

    private final long bytesMax;
    private final CRC32C crc = new CRC32C();
    private final List<byte[]> full = new ArrayList<>();
    private byte[] part = new byte[8192];
    private int filled;
    private long length;

    PartsOutput(long bytesMax) {
      this.bytesMax = bytesMax;
    }

    @Override
    public void write(int value) throws IOException {
      if (length == bytesMax) {
        throw tooLong();
      }
      if (filled == part.length) {
        makeRoom();
      }
      part[filled++] = (byte) value;
      length++;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      if (length + count > bytesMax) {
        throw tooLong();
      }
      int from = offset;
      int left = count;
      while (left > 0) {
        if (filled == part.length) {
          makeRoom();
        }
        int step = Math.min(left, part.length - filled);
        System.arraycopy(bytes, from, part, filled, step);
        filled += step;
        from += step;
        left -= step;
      }
      length += count;
    }

    private IOException tooLong() {
      return new IOException("the image has more than " + bytesMax + " bytes");
    }

    private void makeRoom() {
      if (part.length < PART_BYTES) {
        part = Arrays.copyOf(part, Math.min(PART_BYTES, part.length * 4));
        return;
      }
      crc.update(part);
      full.add(part);
      part = new byte[PART_BYTES];
      filled = 0;
    }

    List<byte[]> parts() {
      byte[] last = Arrays.copyOf(part, filled);
      crc.update(last);
      full.add(last);
      return List.copyOf(full);
    }
  }
}

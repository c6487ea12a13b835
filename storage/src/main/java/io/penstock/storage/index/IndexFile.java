package io.penstock.storage.index;

import io.penstock.storage.io.CorruptFileException;
import io.penstock.storage.io.Disk;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What both sparse indexes share: a file of fixed-size entries that is active (one writer, mapped
 * from the first entry on), then sealed (immutable, read through the cache), then closed.
 *
 * <pre>
 *   ACTIVE without file --first entry--> ACTIVE mapped --seal--> SEALED --close--> CLOSED
 * </pre>
 *
 * <p>Readers take no lock. One that is inside the mapping when it is sealed gets an {@link
 * IllegalStateException} from the closed arena and looks again in the new form; the file is cut
 * only after it is unmapped.
 */
final class IndexFile {
  private static final String REMEDY = "delete the file: it is rebuilt from the log";

  /** A look-up in whatever holds the entries now. */
  interface Query<T> {
    T in(Entries entries) throws StorageException;
  }

  private sealed interface Form {}

  private record Unborn() implements Form {}

  private record Mapped(MappedEntries entries) implements Form {}

  private record Sealed(IndexCache cache, long indexId, int count) implements Form {}

  private record Closed() implements Form {}

  private static final Entries NONE = new NoEntries();

  private final Disk disk;
  private final int entryBytes;
  private final int bytesMax;

  /** Where the file is; changed together with its name, under the monitor. */
  private volatile Path path;

  private volatile Form form;

  private IndexFile(Disk disk, Path path, int entryBytes, int bytesMax, Form form) {
    this.disk = disk;
    this.path = path;
    this.entryBytes = entryBytes;
    this.bytesMax = bytesMax - bytesMax % entryBytes;
    this.form = form;
  }

  static IndexFile active(Disk disk, Path path, int entryBytes, int bytesMax)
      throws StorageException {
    IndexFile file = new IndexFile(disk, path, entryBytes, bytesMax, new Unborn());
    if (disk.exists(path)) {
      file.mapped();
    }
    return file;
  }

  static IndexFile sealed(Disk disk, Path path, int entryBytes, IndexCache cache)
      throws StorageException {
    long size;
    try (DiskFile file = disk.open(path, OpenMode.READ)) {
      size = file.size();
    }
    if (size % entryBytes != 0 || size > Integer.MAX_VALUE) {
      throw new CorruptFileException(
          "index of " + size + " bytes, no multiple of " + entryBytes, path, REMEDY);
    }
    int count = (int) (size / entryBytes);
    return new IndexFile(
        disk, path, entryBytes, (int) size, new Sealed(cache, cache.newIndexId(), count));
  }

  Path path() {
    return path;
  }

  /** Gives the file, if there is one, another name; who looks into it goes on. */
  synchronized void moveTo(Path newPath) throws StorageException {
    if (disk.exists(path)) {
      disk.rename(path, newPath);
    }
    path = newPath;
  }

  /** Under the monitor: another index may have this one's old name already. */
  private synchronized DiskFile open() throws StorageException {
    return disk.open(path, OpenMode.READ);
  }

  int count() {
    return switch (form) {
      case Mapped(MappedEntries entries) -> entries.count();
      case Sealed(_, _, int count) -> count;
      case Unborn _, Closed _ -> 0;
    };
  }

  int capacity() {
    return form instanceof Mapped(MappedEntries entries)
        ? entries.capacity()
        : bytesMax / entryBytes;
  }

  /** The entries to append to; creates the file where there is none yet. Writer only. */
  MappedEntries mapped() throws StorageException {
    return switch (form) {
      case Mapped(MappedEntries entries) -> entries;
      case Unborn _ -> {
        MappedEntries created = MappedEntries.open(disk, path, entryBytes, bytesMax);
        form = new Mapped(created);
        yield created;
      }
      case Sealed _, Closed _ -> throw new IllegalStateException("not active: " + path);
    };
  }

  <T> T query(Query<T> query) throws StorageException {
    while (true) {
      Form seen = form;
      switch (seen) {
        case Unborn _ -> {
          return query.in(NONE);
        }
        case Mapped(MappedEntries entries) -> {
          try {
            return query.in(entries);
          } catch (IllegalStateException e) {
            if (form.equals(seen)) {
              throw e;
            }
          } catch (InternalError e) {
            throw unreadable(e);
          }
        }
        case Sealed(IndexCache cache, long indexId, int count) -> {
          try (SealedEntries entries = new SealedEntries(this::open, cache, indexId, count)) {
            return query.in(entries);
          }
        }
        case Closed _ -> throw new IllegalStateException("closed: " + path);
      }
    }
  }

  /** All entries, to be looked at one by one. */
  ByteBuffer copy() throws StorageException {
    return switch (form) {
      case Mapped(MappedEntries entries) -> entries.copy();
      case Sealed(_, _, int count) -> ByteBuffer.wrap(disk.readSmall(path, count * entryBytes));
      case Unborn _, Closed _ -> ByteBuffer.allocate(0);
    };
  }

  /** As {@link #query}, but empty where the file would have to be read. */
  <T> Optional<T> queryInMemory(Query<T> query) throws StorageException {
    if (!(form instanceof Sealed(IndexCache cache, long indexId, int count))) {
      return Optional.of(query(query));
    }
    try (SealedEntries entries =
        new SealedEntries(this::open, cache, indexId, count).inMemoryOnly()) {
      T answer = query.in(entries);
      return entries.missed() ? Optional.empty() : Optional.of(answer);
    }
  }

  /** Keeps the first entries of an active index. Writer only. */
  void truncateToEntries(int entries) {
    if (form instanceof Mapped(MappedEntries mapped)) {
      mapped.publish(entries);
    }
  }

  void force() throws StorageException {
    if (form instanceof Mapped(MappedEntries entries)) {
      entries.force();
    }
  }

  /** Ends writing: the file is cut to its entries, forced, and read through the cache from now. */
  void seal(IndexCache cache) throws StorageException {
    if (form instanceof Sealed) {
      return;
    }
    MappedEntries entries = mapped();
    form = new Sealed(cache, cache.newIndexId(), entries.count());
    entries.closeTrimmed(true);
  }

  /** Cuts the file to its entries, without forcing it: after a crash it may be longer, of zeros. */
  void close() throws StorageException {
    Form before = form;
    form = new Closed();
    if (before instanceof Mapped(MappedEntries entries)) {
      entries.closeTrimmed(false);
    }
  }

  void delete() throws StorageException {
    Form before = form;
    form = new Closed();
    if (before instanceof Mapped(MappedEntries entries)) {
      entries.abandon();
    }
    disk.delete(path);
  }

  /** How the JVM reports that a mapped page could not be read: a SIGBUS, caught by it. */
  private StorageException unreadable(InternalError e) {
    return new StorageException(
        "mapped index cannot be read", path, "look at the kernel log (dmesg) and the disk", e);
  }

  CorruptFileException corrupt(String what) {
    return new CorruptFileException(what, path, REMEDY);
  }

  /**
   * The last entry whose key is not above the target, or -1, where {@code key} reads the key of an
   * entry and keys never fall.
   */
  static int floor(Entries entries, long target, KeyReader key) throws StorageException {
    int low = 0;
    int high = entries.count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (key.read(entries, middle) <= target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Reads the key of the entry with the given number. */
  interface KeyReader {
    long read(Entries entries, int entry) throws StorageException;
  }

  private static final class NoEntries implements Entries {
    @Override
    public int count() {
      return 0;
    }

    @Override
    public long longAt(int byteOffset) {
      throw new IndexOutOfBoundsException(byteOffset);
    }

    @Override
    public int intAt(int byteOffset) {
      throw new IndexOutOfBoundsException(byteOffset);
    }
  }
}

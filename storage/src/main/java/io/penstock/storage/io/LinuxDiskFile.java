package io.penstock.storage.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * A file by its kernel descriptor. Every call first looks whether the file is still open;
 * interrupted calls are repeated and short ones continued. A failed force is remembered (see {@link
 * DiskFile}).
 */
final class LinuxDiskFile implements DiskFile {

  private static final int COPY_BYTES = 64 << 10;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LinuxDiskFile.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** OPEN → FAILED (a force failed: read only) → CLOSED. */
  private enum State {
    OPEN,
    FAILED,
    CLOSED
  }

  private final int fd;
  private final Path path;
  private volatile State state = State.OPEN;

  LinuxDiskFile(int fd, Path path) {
    this.fd = fd;
    this.path = path;
  }

  @Override
  public int fd() {
    return state == State.CLOSED ? -1 : fd;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long size() throws StorageException {
    ensureOpen();
    return checked("size", Libc.lseek(fd, 0, Libc.SEEK_END));
  }

  @Override
  public int read(ByteBuffer target, long position) throws StorageException {
    ensureOpen();
    if (!target.isDirect()) {
      return readToHeap(target, position);
    }
    int start = target.position();
    MemorySegment memory = MemorySegment.ofBuffer(target);
    int wanted = target.remaining();
    int done = 0;
    while (done < wanted) {
      long moved = Libc.pread(fd, memory.asSlice(done), wanted - done, position + done);
      if (moved == -Errno.EINTR) {
        continue;
      }
      if (checked("read", moved) == 0) {
        break;
      }
      done += (int) moved;
    }
    target.position(start + done);
    return done == 0 && wanted > 0 ? -1 : done;
  }

  private int readToHeap(ByteBuffer target, long position) throws StorageException {
    int wanted = target.remaining();
    int done = 0;
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer copy = arena.allocate(Math.clamp(wanted, 1, COPY_BYTES)).asByteBuffer();
      while (done < wanted) {
        copy.clear().limit(Math.min(copy.capacity(), wanted - done));
        int moved = read(copy, position + done);
        if (moved < 0) {
          break;
        }
        target.put(copy.flip());
        done += moved;
      }
    }
    return done == 0 && wanted > 0 ? -1 : done;
  }

  @Override
  public void write(ByteBuffer[] sources, int count, long position) throws StorageException {
    ensureWritable();
    for (int i = 0; i < count; i++) {
      if (!sources[i].isDirect()) {
        writeFromHeap(sources, count, position);
        return;
      }
    }
    Libc.Scratch scratch = Libc.scratch();
    long at = position;
    int source = 0;
    int skip = 0; // bytes of the current source that are written already
    while (source < count) {
      int vectors = 0;
      for (int i = source; i < count && vectors < Libc.Scratch.VECTORS_MAX; i++) {
        int from = i == source ? skip : 0;
        long address = MemorySegment.ofBuffer(sources[i]).address() + from;
        scratch.setVector(vectors++, address, sources[i].remaining() - from);
      }
      long moved;
      try {
        moved = Libc.pwritev(fd, scratch.vectors, vectors, at);
      } finally {
        Reference.reachabilityFence(sources);
      }
      if (moved == -Errno.EINTR) {
        continue;
      }
      at += checked("write", moved);
      long left = moved;
      int before = source;
      while (source < count && left >= sources[source].remaining() - skip) {
        left -= sources[source].remaining() - skip;
        source++;
        skip = 0;
      }
      skip += (int) left;
      if (moved == 0 && source == before) {
        throw Errno.exception("write of nothing", path, Errno.EIO);
      }
    }
  }

  /** Callers on the append path have direct buffers; this is for small files. */
  private void writeFromHeap(ByteBuffer[] sources, int count, long position)
      throws StorageException {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += sources[i].remaining();
    }
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer copy = arena.allocate(Math.max(1, bytes)).asByteBuffer();
      for (int i = 0; i < count; i++) {
        copy.put(sources[i].duplicate());
      }
      write(new ByteBuffer[] {copy.flip()}, 1, position);
    }
  }

  @Override
  public void force(boolean metadata) throws StorageException {
    ensureWritable();
    int result;
    do {
      result = Libc.fsync(fd, metadata);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      STATE.compareAndSet(this, State.OPEN, State.FAILED);
      throw Errno.exception("fsync", path, -result);
    }
  }

  @Override
  public void truncate(long size) throws StorageException {
    ensureWritable();
    int result;
    do {
      result = Libc.ftruncate(fd, size);
    } while (result == -Errno.EINTR);
    checked("truncate", result);
  }

  @Override
  public void allocate(long position, long length) throws StorageException {
    ensureWritable();
    if (length <= 0) {
      return;
    }
    int result;
    do {
      result = Libc.fallocate(fd, Libc.FALLOC_FL_KEEP_SIZE, position, length);
    } while (result == -Errno.EINTR);
    if (result < 0 && !Errno.isUnsupported(-result)) {
      throw Errno.exception("allocate", path, -result);
    }
  }

  @Override
  public boolean isResident(long position, int length) {
    if (state == State.CLOSED) {
      return false;
    }
    return length <= 0
        || (isByteResident(position) && (length == 1 || isByteResident(position + length - 1)));
  }

  private boolean isByteResident(long position) {
    Libc.Scratch scratch = Libc.scratch();
    scratch.setVector(0, scratch.probe.address(), 1);
    return Libc.preadv2(fd, scratch.vectors, 1, position, Libc.RWF_NOWAIT) == 1;
  }

  @Override
  public void bringIn(long position, int length) throws StorageException {
    ensureOpen();
    if (NullSink.FD < 0) {
      readAndForget(position, length);
      return;
    }
    MemorySegment offset = Libc.scratch().offset;
    offset.set(ValueLayout.JAVA_LONG, 0, position);
    int done = 0;
    while (done < length) {
      long moved = Libc.sendfile(NullSink.FD, fd, offset, length - done);
      if (moved == -Errno.EINTR) {
        continue;
      }
      if (moved < 0 && Errno.isUnsupported((int) -moved)) {
        readAndForget(position + done, length - done);
        return;
      }
      if (checked("read", moved) == 0) {
        return;
      }
      done += (int) moved;
    }
  }

  private void readAndForget(long position, int length) throws StorageException {
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer sink = arena.allocate(COPY_BYTES).asByteBuffer();
      int done = 0;
      while (done < length) {
        sink.clear().limit(Math.min(COPY_BYTES, length - done));
        int moved = read(sink, position + done);
        if (moved < 0) {
          return;
        }
        done += moved;
      }
    }
  }

  @Override
  public void dropBehind(long position, long length) {
    if (state != State.CLOSED && length > 0) {
      Libc.fadvise(fd, position, length, Libc.POSIX_FADV_DONTNEED);
    }
  }

  @Override
  public MemorySegment map(long size, boolean writable, Arena arena) throws StorageException {
    ensureOpen();
    if (size == 0) {
      return arena.allocate(0);
    }
    int protection = writable ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ;
    long address = checked("map", Libc.mmap(fd, size, protection));
    MemorySegment mapped = MemorySegment.ofAddress(address).reinterpret(size, arena, Libc::munmap);
    return writable ? mapped : mapped.asReadOnly();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target)
      throws StorageException {
    long done = 0;
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer copy = arena.allocate(Math.clamp(count, 1, COPY_BYTES)).asByteBuffer();
      while (done < count) {
        copy.clear().limit((int) Math.min(copy.capacity(), count - done));
        int moved = read(copy, position + done);
        int taken = moved < 0 ? 0 : target.write(copy.flip());
        done += taken;
        if (taken < moved || moved < 0) {
          break;
        }
      }
    } catch (StorageException e) {
      throw e;
    } catch (IOException e) {
      throw new StorageException("transfer failed", path, "look at the receiving side", e);
    }
    return done;
  }

  @Override
  public void close() throws StorageException {
    if (STATE.getAndSet(this, State.CLOSED) != State.CLOSED) {
      int result = Libc.close(fd);
      if (result < 0 && result != -Errno.EINTR) {
        throw Errno.exception("close", path, -result);
      }
    }
  }

  private long checked(String what, long result) throws StorageException {
    if (result < 0) {
      throw Errno.exception(what, path, (int) -result);
    }
    return result;
  }

  private void ensureOpen() throws StorageException {
    if (state == State.CLOSED) {
      throw new StorageException("use of a closed file", path, "a defect: report it");
    }
  }

  private void ensureWritable() throws StorageException {
    ensureOpen();
    if (state == State.FAILED) {
      throw new StorageException(
          "write after a failed fsync", path, "restart the node: written data may be lost");
    }
  }

  /** Opened when the first cold range is read, and kept for the life of the process. */
  private static final class NullSink {
    static final int FD = open();

    private static int open() {
      try (Arena arena = Arena.ofConfined()) {
        return Libc.open(arena.allocateFrom("/dev/null"), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
      }
    }
  }
}

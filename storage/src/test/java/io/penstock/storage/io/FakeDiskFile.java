package io.penstock.storage.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** An open file of a {@link FakeDisk}. Any thread: the disk's lock. */
final class FakeDiskFile implements DiskFile {
  private final FakeDisk disk;
  private final Path path;
  private final FakeContent content;
  private final boolean writable;
  private final int life;
  private boolean closed;
  private boolean failed;

  FakeDiskFile(FakeDisk disk, Path path, FakeContent content, boolean writable) {
    this.disk = disk;
    this.path = path;
    this.content = content;
    this.writable = writable;
    this.life = disk.life();
  }

  @Override
  public int fd() {
    return -1;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long size() throws StorageException {
    synchronized (disk) {
      beforeRead("size");
      return content.size();
    }
  }

  @Override
  public int read(ByteBuffer target, long position) throws StorageException {
    synchronized (disk) {
      beforeRead("read");
      int length = Math.clamp(content.size() - position, 0, target.remaining());
      if (length == 0) {
        return target.hasRemaining() ? -1 : 0;
      }
      byte[] copy = new byte[length];
      content.read(copy, 0, length, (int) position);
      target.put(copy);
      return length;
    }
  }

  @Override
  public void write(ByteBuffer[] sources, int count, long position) throws StorageException {
    synchronized (disk) {
      beforeWrite("write");
      int bytes = 0;
      for (int i = 0; i < count; i++) {
        bytes += sources[i].remaining();
      }
      byte[] all = new byte[bytes];
      ByteBuffer gathered = ByteBuffer.wrap(all);
      for (int i = 0; i < count; i++) {
        gathered.put(sources[i].duplicate());
      }
      long grown = Math.max(0, position + bytes - content.backed());
      long room = disk.roomFor(grown);
      int fits = (int) (bytes - (grown - room));
      if (fits > 0) {
        content.write(all, fits, (int) position);
      }
      if (room < grown) {
        throw Errno.exception("write", path, Errno.ENOSPC);
      }
    }
  }

  @Override
  public void force(boolean metadata) throws StorageException {
    disk.passSyncGate();
    synchronized (disk) {
      try {
        beforeWrite("fsync");
      } catch (StorageException e) {
        failed = true;
        throw e;
      }
      content.force();
      disk.noteForced(path);
    }
  }

  @Override
  public void truncate(long size) throws StorageException {
    synchronized (disk) {
      beforeWrite("truncate");
      content.truncate((int) size);
    }
  }

  @Override
  public void allocate(long position, long length) throws StorageException {
    synchronized (disk) {
      beforeWrite("allocate");
      long grown = Math.max(0, position + length - content.backed());
      if (disk.roomFor(grown) < grown) {
        throw Errno.exception("allocate", path, Errno.ENOSPC);
      }
      content.allocate((int) (position + length));
    }
  }

  @Override
  public boolean isResident(long position, int length) {
    synchronized (disk) {
      return !closed && position + length <= content.size();
    }
  }

  @Override
  public void bringIn(long position, int length) throws StorageException {
    synchronized (disk) {
      beforeRead("read");
    }
  }

  @Override
  public void dropBehind(long position, long length) {}

  @Override
  public MemorySegment map(long size, boolean writeMapping, Arena arena) throws StorageException {
    synchronized (disk) {
      beforeRead("map");
      MemorySegment mapped = content.map((int) size, arena, disk);
      return writeMapping ? mapped : mapped.asReadOnly();
    }
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target)
      throws StorageException {
    ByteBuffer copy = ByteBuffer.allocate((int) Math.clamp(size() - position, 0, count));
    read(copy, position);
    try {
      return target.write(copy.flip());
    } catch (IOException e) {
      throw new StorageException("transfer failed", path, "look at the receiving side", e);
    }
  }

  @Override
  public void close() {
    synchronized (disk) {
      closed = true;
    }
  }

  private void beforeRead(String what) throws StorageException {
    if (closed) {
      throw new StorageException("use of a closed file", path, "a defect: report it");
    }
    disk.beforeRead(what, path, life);
  }

  private void beforeWrite(String what) throws StorageException {
    beforeRead(what);
    if (failed) {
      throw new StorageException(
          "write after a failed fsync", path, "restart the node: written data may be lost");
    }
    if (!writable) {
      throw Errno.exception(what, path, 9);
    }
    disk.beforeWrite(what, path, life);
  }
}

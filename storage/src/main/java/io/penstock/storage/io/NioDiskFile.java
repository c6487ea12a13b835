package io.penstock.storage.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file by its {@code FileChannel}: the fallback of {@link NioDisk}, and a check on the other. */
final class NioDiskFile implements DiskFile {
  private static final int COPY_BYTES = 64 << 10;

  private final FileChannel channel;
  private final Path path;
  private volatile boolean failed;

  NioDiskFile(FileChannel channel, Path path) {
    this.channel = channel;
    this.path = path;
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
    try {
      return channel.size();
    } catch (IOException e) {
      throw NamedFiles.translated("size", path, e);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) throws StorageException {
    int wanted = target.remaining();
    int done = 0;
    try {
      while (done < wanted) {
        int moved = channel.read(target, position + done);
        if (moved < 0) {
          break;
        }
        done += moved;
      }
    } catch (IOException e) {
      throw NamedFiles.translated("read", path, e);
    }
    return done == 0 && wanted > 0 ? -1 : done;
  }

  @Override
  public void write(ByteBuffer[] sources, int count, long position) throws StorageException {
    ensureWritable();
    long at = position;
    try {
      for (int i = 0; i < count; i++) {
        ByteBuffer source = sources[i].duplicate();
        while (source.hasRemaining()) {
          at += channel.write(source, at);
        }
      }
    } catch (IOException e) {
      throw NamedFiles.translated("write", path, e);
    }
  }

  @Override
  public void force(boolean metadata) throws StorageException {
    ensureWritable();
    try {
      channel.force(metadata);
    } catch (IOException e) {
      failed = true;
      throw NamedFiles.translated("fsync", path, e);
    }
  }

  @Override
  public void truncate(long size) throws StorageException {
    ensureWritable();
    try {
      if (size <= channel.size()) {
        channel.truncate(size);
      } else {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
    } catch (IOException e) {
      throw NamedFiles.translated("truncate", path, e);
    }
  }

  @Override
  public void allocate(long position, long length) throws StorageException {
    ensureWritable();
  }

  @Override
  public boolean isResident(long position, int length) {
    return length <= 0;
  }

  @Override
  public void bringIn(long position, int length) throws StorageException {
    ByteBuffer sink = ByteBuffer.allocate(Math.clamp(length, 1, COPY_BYTES));
    int done = 0;
    while (done < length) {
      sink.clear().limit(Math.min(sink.capacity(), length - done));
      int moved = read(sink, position + done);
      if (moved < 0) {
        return;
      }
      done += moved;
    }
  }

  @Override
  public void dropBehind(long position, long length) {}

  @Override
  public MemorySegment map(long size, boolean writable, Arena arena) throws StorageException {
    FileChannel.MapMode mode =
        writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY;
    try {
      return channel.map(mode, 0, size, arena);
    } catch (IOException e) {
      throw NamedFiles.translated("map", path, e);
    }
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target)
      throws StorageException {
    try {
      return channel.transferTo(position, count, target);
    } catch (IOException e) {
      throw NamedFiles.translated("transfer", path, e);
    }
  }

  @Override
  public void close() throws StorageException {
    try {
      channel.close();
    } catch (IOException e) {
      throw NamedFiles.translated("close", path, e);
    }
  }

  private void ensureWritable() throws StorageException {
    if (!channel.isOpen()) {
      throw new StorageException("use of a closed file", path, "a defect: report it");
    }
    if (failed) {
      throw new StorageException(
          "write after a failed fsync", path, "restart the node: written data may be lost");
    }
  }
}

package io.penstock.node.net.region;

import io.penstock.node.api.BrokenRangeException;
import io.penstock.node.api.CopyableRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** A file with a kernel descriptor, and ranges of it that count how often they are released. */
public final class TestFile implements AutoCloseable {

  private final FileChannel channel;
  private final int fd;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger released = new AtomicInteger();

  public TestFile(Path path) throws IOException {
    this.channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    this.fd = openDescriptor(path);
  }

  public void write(byte[] bytes, long position) throws IOException {
    ByteBuffer source = ByteBuffer.wrap(bytes);
    while (source.hasRemaining()) {
      channel.write(source, position + source.position());
    }
  }

  public Range range(long position, int size) {
    made.incrementAndGet();
    return new Range(position, size);
  }

  public int rangesMade() {
    return made.get();
  }

  public int rangesReleased() {
    return released.get();
  }

  public int fd() {
    return fd;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    try (LinuxCalls calls = new LinuxCalls()) {
      calls.closeDescriptor(fd);
    }
  }

  private static int openDescriptor(Path path) {
    Linker linker = Linker.nativeLinker();
    MethodHandle open =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("open"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) open.invokeExact(arena.allocateFrom(path.toString()), 0);
      if (fd < 0) {
        throw new IllegalStateException("cannot open " + path);
      }
      return fd;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A range of the file; released at most once, or the test fails. */
  public final class Range implements CopyableRange {
    private final long position;
    private final int size;
    private final AtomicInteger releases = new AtomicInteger();

    private Range(long position, int size) {
      this.position = position;
      this.size = size;
    }

    @Override
    public int fd() {
      return fd;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public void release() {
      if (releases.incrementAndGet() != 1) {
        throw new IllegalStateException("released twice");
      }
      released.incrementAndGet();
    }

    @Override
    public long copyTo(long offset, long count, WritableByteChannel target) throws IOException {
      long moved = channel.transferTo(position + offset, count, target);
      if (moved <= 0 && channel.size() <= position + offset) {
        throw new BrokenRangeException("the file ends before its range");
      }
      return moved;
    }
  }
}

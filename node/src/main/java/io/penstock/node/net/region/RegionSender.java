package io.penstock.node.net.region;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Moves regions to the sockets of one event loop by the kernel's own calls, and owns what they
 * need: scratch memory and a pipe, both made at first use. Used by the loop's thread; closed when
 * that has ended.
 *
 * <p>A range goes by {@code splice} from {@link #SPLICE_FROM_BYTES} on: {@code sendfile} works in
 * steps of 64 KiB and wakes the reader at each, the pipe takes a MiB at once. A small range goes by
 * {@code sendfile}, one call instead of two.
 */
public final class RegionSender implements AutoCloseable {

  /** From here on a range is spliced; below it goes by {@code sendfile}. */
  static final int SPLICE_FROM_BYTES = 128 * 1024;

  private final int spliceFromBytes;
  private final LinuxCalls calls = new LinuxCalls();
  private final AtomicLong pipesReplaced = new AtomicLong();
  private final SplicePipe pipe = new SplicePipe(calls, pipesReplaced);

  public RegionSender() {
    this(SPLICE_FROM_BYTES);
  }

  /** With a crossover of its own, for measurements and tests. */
  RegionSender(int spliceFromBytes) {
    this.spliceFromBytes = spliceFromBytes;
  }

  /** Sends from a buffer without moving its indexes; returns 0 where the socket takes none now. */
  int sendBytes(int socket, ByteBuf bytes, int offset, boolean more) throws IOException {
    int start = bytes.readerIndex() + offset;
    int length = bytes.writerIndex() - start;
    long moved;
    if (bytes.hasMemoryAddress()) {
      moved = calls.send(socket, bytes.memoryAddress() + start, length, more);
    } else {
      ByteBuffer view = bytes.nioBuffer(start, length);
      moved = calls.send(socket, MemorySegment.ofBuffer(view).address(), length, more);
    }
    return (int) Math.max(0, moved);
  }

  /** Sends from a file; returns 0 where the socket takes none now. */
  long sendRange(int socket, int file, long position, long count, boolean more) throws IOException {
    if (count >= spliceFromBytes) {
      return pipe.move(file, position, count, socket, more);
    }
    long moved = calls.sendfile(socket, file, position, count);
    if (moved == 0) {
      throw new IOException("the file ends before its range: position=" + position);
    }
    return Math.max(0, moved);
  }

  /** How often the pipe had to be replaced because it could not be emptied; any thread. */
  public long pipesReplaced() {
    return pipesReplaced.get();
  }

  @Override
  public void close() {
    pipe.close();
    calls.close();
  }
}

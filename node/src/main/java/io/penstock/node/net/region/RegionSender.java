package io.penstock.node.net.region;

import io.netty.buffer.ByteBuf;
import io.penstock.node.api.BrokenRangeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Moves regions to the sockets of one event loop by the kernel's own calls, and owns what they
 * need: scratch memory and a pipe, both made at first use. Used by the loop's thread; closed when
 * that has ended.
 *
 * <p>{@code sendfile} works in steps of 64 KiB and wakes the reader at each; {@code splice} through
 * a pipe moves a MiB at once, but takes two calls. Which is cheaper depends on the size, and on
 * whether other ranges of the response wake the reader anyway; {@code RegionBenchmark} measures it.
 */
public final class RegionSender implements AutoCloseable {

  /**
   * From here on the only range of a response is spliced. Measured on loopback, CPU seconds a GB by
   * sendfile and by splice: 1.09 and 0.87 at 16 KiB, 0.58 and 0.38 at 32, 0.20 and 0.17 at 128,
   * 0.22 and 0.08 at 1024.
   */
  static final int SPLICE_ALONE_FROM_BYTES = 16 * 1024;

  /**
   * From here on one of several ranges is spliced. Measured with eight of them: 0.55 and 0.66 at 16
   * KiB each, 0.20 and 0.29 at 64, 0.26 and 0.26 at 256.
   */
  static final int SPLICE_FROM_BYTES = 256 * 1024;

  private final int spliceAloneFromBytes;
  private final int spliceFromBytes;
  private final Consumer<IOException> onNoPipe;
  private final LinuxCalls calls = new LinuxCalls();
  private final AtomicLong pipesReplaced = new AtomicLong();
  private final SplicePipe pipe;

  /**
   * Makes the sender of a loop.
   *
   * @param onNoPipe hears, on the loop, why a range that should be spliced goes by sendfile
   */
  public RegionSender(Consumer<IOException> onNoPipe) {
    this.spliceAloneFromBytes = SPLICE_ALONE_FROM_BYTES;
    this.spliceFromBytes = SPLICE_FROM_BYTES;
    this.onNoPipe = onNoPipe;
    this.pipe = new SplicePipe(calls, calls::openPipe, pipesReplaced);
  }

  /** With crossovers of its own, for measurements and tests. */
  RegionSender(int spliceAloneFromBytes, int spliceFromBytes) {
    this.spliceAloneFromBytes = spliceAloneFromBytes;
    this.spliceFromBytes = spliceFromBytes;
    this.onNoPipe = _ -> {};
    this.pipe = new SplicePipe(calls, calls::openPipe, pipesReplaced);
  }

  /** One that splices everything, with pipes from elsewhere, for tests. */
  RegionSender(SplicePipe.Opener opener, Consumer<IOException> onNoPipe) {
    this.spliceAloneFromBytes = 1;
    this.spliceFromBytes = 1;
    this.onNoPipe = onNoPipe;
    this.pipe = new SplicePipe(calls, opener, pipesReplaced);
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

  /**
   * Sends from a file; returns 0 where the socket takes none now.
   *
   * @param alone whether no other range is in the same response
   * @param more whether other bytes of the response follow
   */
  long sendRange(int socket, int file, long position, long count, boolean alone, boolean more)
      throws IOException {
    if (count >= (alone ? spliceAloneFromBytes : spliceFromBytes) && hasPipe()) {
      return pipe.move(file, position, count, socket, more);
    }
    long moved = calls.sendfile(socket, file, position, count);
    if (moved == 0) {
      throw new BrokenRangeException("the file ends before its range: position=" + position);
    }
    return Math.max(0, moved);
  }

  /** Without descriptors left there is none; consumers are served nevertheless. */
  private boolean hasPipe() {
    try {
      pipe.open();
      return true;
    } catch (IOException failure) {
      onNoPipe.accept(failure);
      return false;
    }
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

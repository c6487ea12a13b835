package io.penstock.node.net.region;

import io.penstock.node.api.BrokenRangeException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The pipe through which one event loop splices file ranges into its sockets. Shared by all
 * connections of the loop, so it is empty between two calls: what a socket did not take is thrown
 * away (it is still in the file), and a pipe that cannot be emptied, or whose state is unknown
 * after an error, is replaced. Used by the loop's thread only.
 */
final class SplicePipe implements AutoCloseable {

  /** Asked for; a user over the kernel's limit for pipes gets less. */
  static final int WANTED_BYTES = 1 << 20;

  /** Makes a pipe: the end to read from in the low half, the other one in the high half. */
  interface Opener {
    long open() throws IOException;
  }

  private final LinuxCalls calls;
  private final Opener opener;
  private final AtomicLong replaced;
  private int reading = -1;
  private int writing = -1;
  private int nullDevice = -1;
  private int capacity;

  SplicePipe(LinuxCalls calls, Opener opener, AtomicLong replaced) {
    this.calls = calls;
    this.opener = opener;
    this.replaced = replaced;
  }

  /**
   * Makes the pipe where there is none. Fails where the process has no descriptors left, or its
   * user no memory for pipes; what was to go through it can go by {@code sendfile}.
   */
  void open() throws IOException {
    if (reading >= 0) {
      return;
    }
    long ends = opener.open();
    reading = (int) ends;
    writing = (int) (ends >>> 32);
    @Nullable IOException failure = null;
    try {
      capacity = calls.resizePipe(writing, WANTED_BYTES);
    } catch (IOException e) {
      failure = e;
    }
    if (failure != null) {
      closeEnds();
      throw failure;
    }
  }

  /**
   * Moves bytes of a file to a socket through the open pipe, at most one pipe full. Returns how
   * many the socket took, 0 where it takes none now.
   */
  long move(int file, long position, long count, int socket, boolean more) throws IOException {
    long filled = calls.spliceIn(file, position, writing, Math.min(count, capacity));
    if (filled <= 0) {
      throw new BrokenRangeException(
          "nothing to splice from the file: position=" + position + " result=" + filled);
    }
    boolean clean = false;
    long sent = 0;
    try {
      while (sent < filled) {
        long moved = calls.spliceOut(reading, socket, filled - sent, more || filled < count);
        if (moved <= 0) {
          break;
        }
        sent += moved;
      }
      clean = sent == filled || drain(filled - sent);
    } finally {
      if (!clean) {
        replaced.incrementAndGet();
        closeEnds();
      }
    }
    return sent;
  }

  /** How many bytes it takes at once; 0 before its first use. */
  int capacity() {
    return capacity;
  }

  private boolean drain(long count) throws IOException {
    if (nullDevice < 0) {
      try {
        nullDevice = calls.openNullDevice();
      } catch (IOException noDescriptorLeft) {
        return false; // the pipe is replaced, which empties it as well
      }
    }
    long left = count;
    while (left > 0) {
      long moved = calls.spliceOut(reading, nullDevice, left, false);
      if (moved <= 0) {
        return false;
      }
      left -= moved;
    }
    return true;
  }

  private void closeEnds() {
    if (reading >= 0) {
      calls.closeDescriptor(reading);
      calls.closeDescriptor(writing);
    }
    reading = -1;
    writing = -1;
  }

  @Override
  public void close() {
    closeEnds();
    if (nullDevice >= 0) {
      calls.closeDescriptor(nullDevice);
      nullDevice = -1;
    }
  }
}

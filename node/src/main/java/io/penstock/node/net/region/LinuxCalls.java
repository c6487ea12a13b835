package io.penstock.node.net.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.penstock.node.api.BrokenRangeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls that move a response. Each event loop has its own: the scratch memory for {@code
 * errno} and file offsets belongs to one thread. Calls return what the kernel returned; {@link
 * #AGAIN} stands for a socket (or pipe) that takes nothing now, every other error is thrown, that
 * of a file as {@link BrokenRangeException}.
 */
final class LinuxCalls implements AutoCloseable {

  /** The descriptor would block: nothing was moved. */
  static final long AGAIN = -1;

  static final int SPLICE_F_MOVE = 1;
  static final int SPLICE_F_NONBLOCK = 2;
  static final int SPLICE_F_MORE = 4;

  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_MORE = 0x8000;
  private static final int O_WRONLY = 1;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int EPIPE = 32;

  /** From ENETDOWN to EHOSTUNREACH: all that can befall a connection. */
  private static final int CONNECTION_ERRNO_MIN = 100;

  private static final int CONNECTION_ERRNO_MAX = 113;

  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(CALL_STATE);
  private final MemorySegment offset = arena.allocate(ValueLayout.JAVA_LONG);

  /** Sends memory at an address; {@code more} says that other bytes of the response follow. */
  long send(int socket, long address, int length, boolean more) throws IOException {
    int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    while (true) {
      long moved;
      try {
        moved =
            (long)
                Handles.SEND.invokeExact(
                    state, (long) socket, address, (long) length, (long) flags, 0L, 0L);
      } catch (Throwable e) {
        throw unexpected(e);
      }
      if (moved >= 0) {
        return moved;
      }
      if (retryOrAgain("send", false)) {
        return AGAIN;
      }
    }
  }

  /** Sends a range of a file; 0 means that the file ends before it. */
  long sendfile(int socket, int file, long position, long count) throws IOException {
    while (true) {
      long moved;
      try {
        offset.set(ValueLayout.JAVA_LONG, 0, position);
        moved =
            (long)
                Handles.SENDFILE.invokeExact(
                    state, (long) socket, (long) file, offset.address(), count, 0L, 0L);
      } catch (Throwable e) {
        throw unexpected(e);
      }
      if (moved >= 0) {
        return moved;
      }
      if (retryOrAgain("sendfile", !isOfConnection())) {
        return AGAIN;
      }
    }
  }

  /** Puts pages of a file into a pipe; 0 means that the file ends before the position. */
  long spliceIn(int file, long position, int pipe, long count) throws IOException {
    offset.set(ValueLayout.JAVA_LONG, 0, position);
    return splice(file, offset.address(), pipe, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK, true);
  }

  /** Moves what is in a pipe to a socket, or to the null device. */
  long spliceOut(int pipe, int target, long count, boolean more) throws IOException {
    int flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (more ? SPLICE_F_MORE : 0);
    return splice(pipe, 0, target, count, flags, false);
  }

  private long splice(int from, long fromOffset, int to, long count, int flags, boolean ofFile)
      throws IOException {
    while (true) {
      long moved;
      try {
        moved =
            (long)
                Handles.SPLICE.invokeExact(
                    state, (long) from, fromOffset, (long) to, 0L, count, (long) flags);
      } catch (Throwable e) {
        throw unexpected(e);
      }
      if (moved >= 0) {
        return moved;
      }
      if (retryOrAgain("splice", ofFile)) {
        return AGAIN;
      }
    }
  }

  /** Opens a pipe: its reading end in the low, its writing end in the high half. */
  long openPipe() throws IOException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment ends = local.allocate(ValueLayout.JAVA_INT, 2);
      int result;
      try {
        result =
            (int)
                (long)
                    Handles.PIPE2.invokeExact(
                        state, ends.address(), (long) (O_NONBLOCK | O_CLOEXEC), 0L, 0L, 0L, 0L);
      } catch (Throwable e) {
        throw unexpected(e);
      }
      if (result < 0) {
        throw failure("pipe2");
      }
      long reading = ends.getAtIndex(ValueLayout.JAVA_INT, 0);
      long writing = ends.getAtIndex(ValueLayout.JAVA_INT, 1);
      return reading | writing << 32;
    }
  }

  /** Asks for a capacity and returns the one that the pipe has then. */
  int resizePipe(int pipe, int capacity) throws IOException {
    try {
      int _ = fcntl(pipe, F_SETPIPE_SZ, capacity);
      int actual = fcntl(pipe, F_GETPIPE_SZ, 0);
      if (actual <= 0) {
        throw failure("fcntl");
      }
      return actual;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private int fcntl(int pipe, int command, int value) throws Throwable {
    return (int)
        (long)
            Handles.FCNTL.invokeExact(state, (long) pipe, (long) command, (long) value, 0L, 0L, 0L);
  }

  int openNullDevice() throws IOException {
    try (Arena local = Arena.ofConfined()) {
      int fd;
      try {
        long path = local.allocateFrom("/dev/null").address();
        fd =
            (int)
                (long)
                    Handles.OPEN.invokeExact(
                        state, path, (long) (O_WRONLY | O_CLOEXEC), 0L, 0L, 0L, 0L);
      } catch (Throwable e) {
        throw unexpected(e);
      }
      if (fd < 0) {
        throw failure("open");
      }
      return fd;
    }
  }

  void closeDescriptor(int fd) {
    try {
      long _ = (long) Handles.CLOSE.invokeExact(state, (long) fd, 0L, 0L, 0L, 0L, 0L);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  /** True for EAGAIN, false for EINTR; throws for everything else. */
  private boolean retryOrAgain(String call, boolean ofFile) throws IOException {
    int errno = (int) ERRNO.get(state, 0L);
    if (errno == EAGAIN) {
      return true;
    }
    if (errno == EINTR) {
      return false;
    }
    if (ofFile) {
      throw new BrokenRangeException(call + " failed: errno " + errno);
    }
    throw failure(call);
  }

  /** Whether the error of a call that has a file and a socket came from the socket. */
  private boolean isOfConnection() {
    int errno = (int) ERRNO.get(state, 0L);
    return errno == EPIPE || (errno >= CONNECTION_ERRNO_MIN && errno <= CONNECTION_ERRNO_MAX);
  }

  private IOException failure(String call) {
    return new IOException(call + " failed: errno " + (int) ERRNO.get(state, 0L));
  }

  private static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("native call failed", e);
  }

  /** Resolved at the first call only: on a system without them the class is never initialized. */
  private static final class Handles {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    /** Six registers, as in {@code storage}'s calls: the JDK makes a shape once. */
    private static final FunctionDescriptor SHAPE =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    static final MethodHandle SEND = find("send");
    static final MethodHandle SENDFILE = find("sendfile");
    static final MethodHandle SPLICE = find("splice");
    static final MethodHandle PIPE2 = find("pipe2");
    static final MethodHandle OPEN = find("open");
    static final MethodHandle FCNTL = find("fcntl");
    static final MethodHandle CLOSE = find("close");

    private static MethodHandle find(String name) {
      return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), SHAPE, CAPTURE);
    }
  }
}

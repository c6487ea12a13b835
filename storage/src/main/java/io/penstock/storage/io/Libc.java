package io.penstock.storage.io;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * The system calls that {@link LinuxDisk} makes. Each returns what the kernel returns, or the
 * negative error number, so that no caller can read an errno that is not its own. Loaded only on
 * 64-bit Linux. Memory for a call is a {@link Scratch} of the calling thread, made once.
 */
final class Libc {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_CLOEXEC = 0x80000;
  static final int SEEK_END = 2;
  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int POSIX_FADV_DONTNEED = 4;
  static final int RWF_NOWAIT = 8;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /**
   * One shape for all calls: six whole registers, of which a function looks at as many as it has
   * arguments, and at the lower half where an argument is an int. <i>Why:</i> the JDK makes some
   * ten classes for each new shape, at every start, and no cache keeps them.
   */
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle OPEN = handle("open");
  private static final MethodHandle CLOSE = handle("close");
  private static final MethodHandle FSYNC = handle("fsync");
  private static final MethodHandle FDATASYNC = handle("fdatasync");
  private static final MethodHandle FTRUNCATE = handle("ftruncate");
  private static final MethodHandle LSEEK = handle("lseek");
  private static final MethodHandle PREAD = handle("pread");
  private static final MethodHandle PWRITEV = handle("pwritev");
  private static final MethodHandle PREADV2 = handle("preadv2");
  private static final MethodHandle FALLOCATE = handle("fallocate");
  private static final MethodHandle FADVISE = handle("posix_fadvise");
  private static final MethodHandle SENDFILE = handle("sendfile");
  private static final MethodHandle MMAP = handle("mmap");
  private static final MethodHandle MUNMAP = handle("munmap");

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Libc() {}

  /** Links all calls, as the first one would. */
  static void prepare() {
    var _ = scratch();
  }

  static Scratch scratch() {
    return SCRATCH.get();
  }

  static int open(MemorySegment path, int flags, int mode) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (int)
              (long) OPEN.invokeExact(state, path.address(), (long) flags, (long) mode, 0L, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      Reference.reachabilityFence(path);
    }
  }

  /** Not retried when interrupted: the descriptor is gone then, too. */
  static int close(int fd) {
    MemorySegment state = scratch().state;
    try {
      return result((int) (long) CLOSE.invokeExact(state, (long) fd, 0L, 0L, 0L, 0L, 0L), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fsync(int fd, boolean metadata) {
    MemorySegment state = scratch().state;
    try {
      return metadata
          ? result((int) (long) FSYNC.invokeExact(state, (long) fd, 0L, 0L, 0L, 0L, 0L), state)
          : result((int) (long) FDATASYNC.invokeExact(state, (long) fd, 0L, 0L, 0L, 0L, 0L), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ftruncate(int fd, long size) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (int) (long) FTRUNCATE.invokeExact(state, (long) fd, size, 0L, 0L, 0L, 0L), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long lseek(int fd, long offset, int whence) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long) LSEEK.invokeExact(state, (long) fd, offset, (long) whence, 0L, 0L, 0L), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, MemorySegment target, long count, long position) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long) PREAD.invokeExact(state, (long) fd, target.address(), count, position, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      Reference.reachabilityFence(target);
    }
  }

  static long pwritev(int fd, MemorySegment vectors, int count, long position) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long)
              PWRITEV.invokeExact(
                  state, (long) fd, vectors.address(), (long) count, position, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      Reference.reachabilityFence(vectors);
    }
  }

  static long preadv2(int fd, MemorySegment vectors, int count, long position, int flags) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long)
              PREADV2.invokeExact(
                  state, (long) fd, vectors.address(), (long) count, position, (long) flags, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      Reference.reachabilityFence(vectors);
    }
  }

  static int fallocate(int fd, int mode, long position, long length) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (int)
              (long) FALLOCATE.invokeExact(state, (long) fd, (long) mode, position, length, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Returns the error number itself, as this call does. */
  static int fadvise(int fd, long position, long length, int advice) {
    MemorySegment state = scratch().state;
    try {
      return -(int)
          (long) FADVISE.invokeExact(state, (long) fd, position, length, (long) advice, 0L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long sendfile(int toFd, int fromFd, MemorySegment position, long count) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long)
              SENDFILE.invokeExact(
                  state, (long) toFd, (long) fromFd, position.address(), count, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    } finally {
      Reference.reachabilityFence(position);
    }
  }

  /** The address of the mapping, or the negative error number. */
  static long mmap(int fd, long size, int protection) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (long)
              MMAP.invokeExact(
                  state, 0L, size, (long) protection, (long) MAP_SHARED, (long) fd, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int munmap(MemorySegment mapped) {
    MemorySegment state = scratch().state;
    try {
      return result(
          (int)
              (long) MUNMAP.invokeExact(state, mapped.address(), mapped.byteSize(), 0L, 0L, 0L, 0L),
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static long result(long returned, MemorySegment state) {
    return returned == -1 ? -(int) ERRNO.get(state, 0L) : returned;
  }

  /** Of a function that returns an int: the other half of the register says nothing. */
  private static int result(int returned, MemorySegment state) {
    return returned == -1 ? -(int) ERRNO.get(state, 0L) : returned;
  }

  private static MethodHandle handle(String name) {
    return LINKER.downcallHandle(symbol(name), SHAPE, Linker.Option.captureCallState("errno"));
  }

  private static MemorySegment symbol(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
  }

  private static IllegalStateException unexpected(Throwable t) {
    return new IllegalStateException("a system call could not be made", t);
  }

  /**
   * Native memory of one thread: where errno is captured, room for the vectors of one gathering
   * call, a file position and two bytes to probe into. It lives as long as the thread.
   */
  static final class Scratch {
    static final int VECTORS_MAX = 256;
    static final int VECTOR_BYTES = 16;

    final MemorySegment state;
    final MemorySegment vectors;
    final MemorySegment offset;
    final MemorySegment probe;

    Scratch() {
      Arena arena = Arena.ofAuto();
      state = arena.allocate(STATE);
      vectors = arena.allocate((long) VECTORS_MAX * VECTOR_BYTES, Long.BYTES);
      offset = arena.allocate(Long.BYTES, Long.BYTES);
      probe = arena.allocate(2);
    }

    void setVector(int index, long address, long length) {
      vectors.set(JAVA_LONG, (long) index * VECTOR_BYTES, address);
      vectors.set(JAVA_LONG, (long) index * VECTOR_BYTES + Long.BYTES, length);
    }
  }
}

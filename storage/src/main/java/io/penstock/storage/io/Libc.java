package io.penstock.storage.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

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

  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          symbol("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle FSYNC = handle("fsync", JAVA_INT, JAVA_INT);
  private static final MethodHandle FDATASYNC = handle("fdatasync", JAVA_INT, JAVA_INT);
  private static final MethodHandle FTRUNCATE = handle("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle LSEEK =
      handle("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle PREAD =
      handle("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PWRITEV =
      handle("pwritev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PREADV2 =
      handle("preadv2", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FALLOCATE =
      handle("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle FADVISE =
      handle("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDFILE =
      handle("sendfile", JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle MMAP =
      handle("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle MUNMAP = handle("munmap", JAVA_INT, ADDRESS, JAVA_LONG);

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private Libc() {}

  static Scratch scratch() {
    return SCRATCH.get();
  }

  static int open(MemorySegment path, int flags, int mode) {
    MemorySegment state = scratch().state;
    try {
      return (int) result((int) OPEN.invokeExact(state, path, flags, mode), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Not retried when interrupted: the descriptor is gone then, too. */
  static int close(int fd) {
    MemorySegment state = scratch().state;
    try {
      return (int) result((int) CLOSE.invokeExact(state, fd), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fsync(int fd, boolean metadata) {
    MemorySegment state = scratch().state;
    try {
      return metadata
          ? (int) result((int) FSYNC.invokeExact(state, fd), state)
          : (int) result((int) FDATASYNC.invokeExact(state, fd), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int ftruncate(int fd, long size) {
    MemorySegment state = scratch().state;
    try {
      return (int) result((int) FTRUNCATE.invokeExact(state, fd, size), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long lseek(int fd, long offset, int whence) {
    MemorySegment state = scratch().state;
    try {
      return result((long) LSEEK.invokeExact(state, fd, offset, whence), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pread(int fd, MemorySegment target, long count, long position) {
    MemorySegment state = scratch().state;
    try {
      return result((long) PREAD.invokeExact(state, fd, target, count, position), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long pwritev(int fd, MemorySegment vectors, int count, long position) {
    MemorySegment state = scratch().state;
    try {
      return result((long) PWRITEV.invokeExact(state, fd, vectors, count, position), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long preadv2(int fd, MemorySegment vectors, int count, long position, int flags) {
    MemorySegment state = scratch().state;
    try {
      return result((long) PREADV2.invokeExact(state, fd, vectors, count, position, flags), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int fallocate(int fd, int mode, long position, long length) {
    MemorySegment state = scratch().state;
    try {
      return (int) result((int) FALLOCATE.invokeExact(state, fd, mode, position, length), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Returns the error number itself, as this call does. */
  static int fadvise(int fd, long position, long length, int advice) {
    MemorySegment state = scratch().state;
    try {
      return -(int) FADVISE.invokeExact(state, fd, position, length, advice);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long sendfile(int toFd, int fromFd, MemorySegment position, long count) {
    MemorySegment state = scratch().state;
    try {
      return result((long) SENDFILE.invokeExact(state, toFd, fromFd, position, count), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The address of the mapping, or the negative error number. */
  static long mmap(int fd, long size, int protection) {
    MemorySegment state = scratch().state;
    try {
      MemorySegment mapped =
          (MemorySegment)
              MMAP.invokeExact(state, MemorySegment.NULL, size, protection, MAP_SHARED, fd, 0L);
      return result(mapped.address(), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int munmap(MemorySegment mapped) {
    MemorySegment state = scratch().state;
    try {
      return (int) result((int) MUNMAP.invokeExact(state, mapped, mapped.byteSize()), state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static long result(long returned, MemorySegment state) {
    return returned == -1 ? -(int) ERRNO.get(state, 0L) : returned;
  }

  private static MethodHandle handle(
      String name, MemoryLayout returned, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        symbol(name),
        FunctionDescriptor.of(returned, arguments),
        Linker.Option.captureCallState("errno"));
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

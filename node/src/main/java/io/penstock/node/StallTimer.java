package io.penstock.node;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has the kernel end this process where it stands still for too long: stopped, frozen, swapping, or
 * in a collection. A timer of the kernel (timer_create, timer_settime: POSIX.1-2008), whose signal
 * is SIGKILL, is set anew by a thread of its own, again and again; where that thread does not come
 * to it, the timer runs out, and SIGKILL reaches a process that is stopped as well.
 *
 * <p><i>Why:</i> the connections of such a process stay open, since its kernel goes on, and clients
 * wait for what they have asked it (a KafkaProducer 30 s by default), though others lead by then
 * what it led. Its end closes them.
 *
 * <pre>new ─arm─► ticking ─close─► at rest; or the process ends</pre>
 */
final class StallTimer implements AutoCloseable {

  private static final int CLOCK_MONOTONIC = 1;
  private static final int SIGKILL = 9;

  /** Of struct sigevent on 64-bit Linux; SIGEV_SIGNAL, a signal to the process, is 0. */
  private static final int SIGEVENT_BYTES = 64;

  private static final int SIGNAL_AT = 8;

  /** Of struct itimerspec: interval, then value, each in seconds and nanoseconds. */
  private static final int TIMES_BYTES = 32;

  private static final int VALUE_SECONDS_AT = 16;
  private static final int VALUE_NANOS_AT = 24;
  private static final int SETS_IN_TIMEOUT_MIN = 8;
  private static final Duration PAUSE_MAX = Duration.ofMillis(250);

  private final Duration runsOutIn;
  private final long pauseNs;
  private final MemorySegment state = Arena.ofAuto().allocate(Handles.STATE);
  private final MemorySegment times =
      Arena.ofAuto().allocate(TIMES_BYTES, JAVA_LONG.byteAlignment());
  private final long timer;
  private final Thread setter;
  private volatile boolean closed;

  /**
   * Makes the timer, which does not run yet.
   *
   * @param timeout how long the process may stand still; it ends an eighth later at most
   * @throws IOException where the system has no such timer
   */
  StallTimer(Duration timeout) throws IOException {
    this.pauseNs = Math.min(timeout.toNanos() / SETS_IN_TIMEOUT_MIN, PAUSE_MAX.toNanos());
    this.runsOutIn = timeout.plusNanos(pauseNs);
    this.setter =
        Thread.ofPlatform().daemon().name("penstock-stall-timer").unstarted(this::setAgainAndAgain);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(SIGEVENT_BYTES, JAVA_LONG.byteAlignment());
      event.set(JAVA_INT, SIGNAL_AT, SIGKILL);
      MemorySegment id = arena.allocate(JAVA_LONG);
      call(Handles.CREATE, "timer_create", CLOCK_MONOTONIC, event.address(), id.address());
      this.timer = id.get(JAVA_LONG, 0);
    }
  }

  /** From now on the process may not stand still. */
  void arm() throws IOException {
    set(runsOutIn);
    setter.start();
  }

  private void setAgainAndAgain() {
    try {
      while (!closed) {
        LockSupport.parkNanos(this, pauseNs);
        set(runsOutIn);
      }
      set(Duration.ZERO); // at rest
    } catch (IOException e) {
      throw new IllegalStateException(e); // the timer is there, and its times are sound
    }
  }

  /** By one thread at a time: by {@link #arm} before the other begins. */
  private void set(Duration in) throws IOException {
    times.set(JAVA_LONG, VALUE_SECONDS_AT, in.toSeconds());
    times.set(JAVA_LONG, VALUE_NANOS_AT, in.toNanosPart());
    call(Handles.SETTIME, "timer_settime", timer, 0, times.address());
  }

  /** Returns when the timer is at rest, or soon will be. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(setter);
    try {
      setter.join(TimeUnit.NANOSECONDS.toMillis(pauseNs) + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void call(MethodHandle function, String name, long first, long second, long third)
      throws IOException {
    int result;
    try {
      result = (int) (long) function.invokeExact(state, first, second, third, 0L, 0L, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("native call failed", e);
    }
    if (result != 0) {
      throw new IOException(name + " failed: errno " + (int) Handles.ERRNO.get(state, 0L));
    }
  }

  /** Resolved at the first use only: most nodes run without such a timer. */
  private static final class Handles {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
        STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Six registers, as in {@code storage}'s calls: the JDK makes a shape once. */
    private static final FunctionDescriptor SHAPE =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final MethodHandle CREATE = find("timer_create");
    private static final MethodHandle SETTIME = find("timer_settime");

    private static MethodHandle find(String name) {
      return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), SHAPE, CAPTURE);
    }
  }
}

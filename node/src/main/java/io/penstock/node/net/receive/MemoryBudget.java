package io.penstock.node.net.receive;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory that all unfinished request frames of a node may hold together. A claim that finds no
 * room waits its turn; who came first is served first. One waiting claim at a time may go over the
 * limit until its frame is done, because frames that each hold a part of the budget would otherwise
 * wait for each other for ever: the memory really held is at most the capacity and one frame more.
 * Any thread may call; a claim itself belongs to one connection.
 */
public final class MemoryBudget {

  /** This part is kept for small amounts, so that large frames cannot starve small ones. */
  private static final int SMALL_SHARE = 8;

  private static final int SMALL_BYTES = 64 * 1024;

  private final long capacity;
  private final ArrayDeque<Claim> waiting = new ArrayDeque<>();
  private long used;
  private @Nullable Claim overdrawn;
  private volatile boolean tight;

  public MemoryBudget(long capacityBytes) {
    if (capacityBytes <= 0) {
      throw new IllegalArgumentException("capacity=" + capacityBytes);
    }
    this.capacity = capacityBytes;
  }

  /**
   * A claim of nothing yet.
   *
   * @param granted run once for each reservation that had to wait, when it has been made; on
   *     whatever thread made the room, so it has to hand over to its own
   */
  Claim open(Runnable granted) {
    return new Claim(granted);
  }

  public long capacityBytes() {
    return capacity;
  }

  public synchronized long usedBytes() {
    return used;
  }

  public synchronized int waitingClaims() {
    return waiting.size();
  }

  /** Whether somebody waits for what others hold. */
  public boolean isContended() {
    return waitingClaims() > 0;
  }

  /** Whether so little is left that connections should read in small portions. */
  boolean isTight() {
    return tight;
  }

  private void noteChange() {
    boolean now = !waiting.isEmpty() || counted() > capacity - capacity / SMALL_SHARE;
    if (now != tight) {
      tight = now;
    }
  }

  private boolean fits(long bytes) {
    long limit = bytes <= SMALL_BYTES ? capacity : capacity - capacity / SMALL_SHARE;
    return counted() + bytes <= limit;
  }

  /** What is held by all but the one that may go over. */
  private long counted() {
    return overdrawn == null ? used : used - overdrawn.held;
  }

  /** Serves whoever can be served now; the caller runs what it returns outside the lock. */
  private List<Runnable> serveWaiting() {
    List<Runnable> served = List.of();
    while (!waiting.isEmpty()) {
      Claim first = waiting.getFirst();
      if (!fits(first.wanted)) {
        if (overdrawn != null) {
          break;
        }
        overdrawn = first;
      }
      waiting.removeFirst();
      first.hold(first.wanted);
      first.wanted = 0;
      if (served.isEmpty()) {
        served = new ArrayList<>();
      }
      served.add(first.granted);
    }
    return served;
  }

  /** What one unfinished frame holds. Closing it gives everything back. */
  final class Claim implements AutoCloseable {
    private final Runnable granted;
    private long held;
    private long wanted;

    private Claim(Runnable granted) {
      this.granted = granted;
    }

    /** Takes more. False: it is not there, and the claim waits for it. */
    boolean reserve(long bytes) {
      synchronized (MemoryBudget.this) {
        if (wanted > 0) {
          throw new IllegalStateException("the claim waits already");
        }
        boolean turn = waiting.isEmpty() || bytes <= SMALL_BYTES;
        if (equals(overdrawn) || (turn && fits(bytes))) {
          hold(bytes);
          return true;
        }
        if (overdrawn == null && waiting.isEmpty()) {
          overdrawn = this;
          hold(bytes);
          return true;
        }
        wanted = bytes;
        waiting.addLast(this);
        noteChange();
        return false;
      }
    }

    /** Takes more only if it is there at once and small, or refuses. */
    boolean reserveSpare(long bytes) {
      synchronized (MemoryBudget.this) {
        if (counted() + bytes > capacity) {
          return false;
        }
        hold(bytes);
        return true;
      }
    }

    private void hold(long bytes) {
      held += bytes;
      used += bytes;
      noteChange();
    }

    @Override
    public void close() {
      List<Runnable> served;
      synchronized (MemoryBudget.this) {
        used -= held;
        held = 0;
        if (wanted > 0) {
          wanted = 0;
          waiting.remove(this);
        }
        if (equals(overdrawn)) {
          overdrawn = null;
        }
        served = serveWaiting();
        noteChange();
      }
      served.forEach(Runnable::run);
    }
  }
}

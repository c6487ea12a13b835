package io.penstock.replication.observer;

import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What this node shows of a group: the newest of what its own member of the group applied and what
 * its observer pulled. The index never falls. Whoever brings something newer publishes it on its
 * own thread: the listener is told of one image after the other, in order.
 *
 * @param <I> image
 */
public final class GroupReplica<I> {

  private final Listener<I> listener;
  private final Object publishing = new Object();
  private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
  private volatile State<I> state;
  private volatile Position told = Position.NONE;

  /** Told of each image in order, one at a time. Must not block. */
  @FunctionalInterface
  public interface Listener<I> {
    void imageChanged(Position at, I image);
  }

  /** An image and its place. */
  public record State<I>(Position at, I image) {}

  /** Somebody who wants to see an index here. */
  private record Waiter(long index, CompletableFuture<Void> reached) implements Comparable<Waiter> {
    @Override
    public int compareTo(Waiter other) {
      return Long.compare(index, other.index);
    }
  }

  public GroupReplica(I empty, Listener<I> listener) {
    this.state = new State<>(Position.NONE, empty);
    this.listener = listener;
  }

  public State<I> state() {
    return state;
  }

  public I image() {
    return state.image();
  }

  public Position at() {
    return state.at();
  }

  /** Up to where the listener was told of everything: never ahead of what it shows. */
  public Position told() {
    return told;
  }

  /** Takes what is newer, and tells the listener; what is not is of no use. */
  public boolean offer(Position at, I image) {
    synchronized (publishing) {
      if (at.index() <= state.at().index()) {
        return false;
      }
      state = new State<>(at, image);
      listener.imageChanged(at, image);
      told = at;
    }
    tellThoseWhoWait();
    return true;
  }

  /** Completes when an entry is shown here and the listener was told, on the publishing thread. */
  public CompletionStage<Void> reached(long index) {
    if (index <= told.index()) {
      return CompletableFuture.completedFuture(null);
    }
    Waiter waiter = new Waiter(index, new CompletableFuture<>());
    synchronized (waiters) {
      waiters.add(waiter);
    }
    if (index <= told.index()) {
      tellThoseWhoWait(); // it was published meanwhile
    }
    return waiter.reached();
  }

  /** Stops waiting; {@code reached} is what {@link #reached} returned. */
  @SuppressWarnings("UndefinedEquals") // it is the very same stage that is looked for
  public void forget(CompletionStage<Void> reached) {
    synchronized (waiters) {
      waiters.removeIf(waiter -> waiter.reached().equals(reached));
    }
  }

  private void tellThoseWhoWait() {
    List<Waiter> reached = new ArrayList<>();
    synchronized (waiters) {
      for (Waiter next = waiters.peek();
          next != null && next.index() <= told.index();
          next = waiters.peek()) {
        reached.add(waiters.remove());
      }
    }
    for (Waiter waiter : reached) {
      waiter.reached().complete(null);
    }
  }
}

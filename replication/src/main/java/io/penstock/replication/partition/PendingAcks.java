package io.penstock.replication.partition;

import org.jspecify.annotations.Nullable;

/**
 * Producers that wait at one partition until an offset, as the high watermark, has passed what they
 * appended, in the order of their offsets, so that a step looks only at those it satisfies and at
 * one more. It has its own lock, which is never taken while the partition's is held.
 */
final class PendingAcks {

  private final class Place implements Ticket {
    private final AckWaiter waiter;
    private final long requiredOffset;
    private @Nullable Place previous;
    private @Nullable Place next;
    private boolean listed;

    private Place(AckWaiter waiter, long requiredOffset) {
      this.waiter = waiter;
      this.requiredOffset = requiredOffset;
    }

    @Override
    public boolean leave() {
      return remove(this);
    }
  }

  private volatile @Nullable Place first;
  private @Nullable Place last;

  /** Waits until what is waited for has reached the required offset. */
  Ticket add(long requiredOffset, AckWaiter waiter) {
    Place place = new Place(waiter, requiredOffset);
    synchronized (this) {
      Place before = last;
      while (before != null && before.requiredOffset > requiredOffset) {
        before = before.previous;
      }
      insertAfter(before, place);
    }
    return place;
  }

  boolean isEmpty() {
    return first == null;
  }

  /** Settles all that have been reached: as stored, or with this refusal. */
  void advanced(long reached, @Nullable Refusal refusal, Wakeups wakeups) {
    if (first == null) {
      return;
    }
    synchronized (this) {
      for (Place place = first; place != null && place.requiredOffset <= reached; place = first) {
        settle(place, refusal, wakeups);
      }
    }
  }

  /** Settles all with this refusal, whatever has been reached. */
  void refuseAll(Refusal refusal, Wakeups wakeups) {
    advanced(Long.MAX_VALUE, refusal, wakeups);
  }

  private void settle(Place place, @Nullable Refusal refusal, Wakeups wakeups) {
    remove(place);
    place.waiter.settle(refusal);
    wakeups.add(place.waiter.home(), place.waiter);
  }

  private void insertAfter(@Nullable Place before, Place place) {
    Place after = before == null ? first : before.next;
    place.previous = before;
    place.next = after;
    place.listed = true;
    if (before == null) {
      first = place;
    } else {
      before.next = place;
    }
    if (after == null) {
      last = place;
    } else {
      after.previous = place;
    }
  }

  private synchronized boolean remove(Place place) {
    if (!place.listed) {
      return false;
    }
    place.listed = false;
    Place before = place.previous;
    Place after = place.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    place.previous = null;
    place.next = null;
    return true;
  }
}

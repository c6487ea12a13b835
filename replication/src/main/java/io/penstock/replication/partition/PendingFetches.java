package io.penstock.replication.partition;

import org.jspecify.annotations.Nullable;

/**
 * The fetches that wait for one partition to have more to read, as a linked list whose nodes are
 * the places of the waiters, so that leaving costs the same whatever their number. It has its own
 * lock, which is never taken while the partition's is held, nor held while anybody is called who
 * could block.
 */
final class PendingFetches {

  /** One fetch's place at one partition. */
  private final class Place implements Ticket {
    private final FetchWaiter waiter;
    private final ReadLimit limit;
    private @Nullable Place previous;
    private @Nullable Place next;
    private boolean listed;

    private Place(FetchWaiter waiter, ReadLimit limit) {
      this.waiter = waiter;
      this.limit = limit;
    }

    @Override
    public boolean leave() {
      return remove(this);
    }
  }

  private volatile @Nullable Place first;

  Ticket add(FetchWaiter waiter, ReadLimit limit) {
    Place place = new Place(waiter, limit);
    synchronized (this) {
      Place second = first;
      place.next = second;
      if (second != null) {
        second.previous = place;
      }
      place.listed = true;
      first = place;
    }
    return place;
  }

  boolean isEmpty() {
    return first == null;
  }

  /**
   * So many bytes more may be read by whoever reads up to this limit. What is committed is no news
   * of bytes to those who read further, but of how far they may show what they have.
   */
  void bytesAvailable(ReadLimit limit, long bytes, Wakeups wakeups) {
    if (first == null) {
      return;
    }
    synchronized (this) {
      Place next;
      for (Place place = first; place != null; place = next) {
        next = place.next;
        boolean toBeRun =
            place.limit == limit
                ? place.waiter.bytesAvailable(bytes)
                : limit == ReadLimit.HIGH_WATERMARK && place.waiter.bordersMoved();
        if (toBeRun) {
          wakeups.add(place.waiter.home(), place.waiter);
        }
      }
    }
  }

  /** The log begins elsewhere. */
  void logStartMoved(Wakeups wakeups) {
    if (first == null) {
      return;
    }
    synchronized (this) {
      Place next;
      for (Place place = first; place != null; place = next) {
        next = place.next;
        if (place.limit == ReadLimit.LOG_END && place.waiter.bordersMoved()) {
          wakeups.add(place.waiter.home(), place.waiter);
        }
      }
    }
  }

  /** The partition is no longer what the waiters took it for: all of them have to look again. */
  void disturb(Wakeups wakeups) {
    if (first == null) {
      return;
    }
    synchronized (this) {
      Place next;
      for (Place place = first; place != null; place = next) {
        next = place.next;
        if (place.waiter.disturbed()) {
          wakeups.add(place.waiter.home(), place.waiter);
        }
      }
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
    if (after != null) {
      after.previous = before;
    }
    place.previous = null;
    place.next = null;
    return true;
  }
}

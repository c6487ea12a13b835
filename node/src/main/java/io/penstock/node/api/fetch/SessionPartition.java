package io.penstock.node.api.fetch;

import io.penstock.replication.partition.FetchWaiter;
import io.penstock.replication.partition.PartitionReplica;
import io.penstock.replication.partition.ReadLimit;
import io.penstock.replication.partition.Ticket;
import io.penstock.replication.partition.WakeTarget;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a session: what its client wants of it and was told last, and how it is watched.
 * Guarded by the session, but for what {@link FetchWaiter} says.
 */
final class SessionPartition implements FetchWaiter {

  private static final long NEVER_TOLD = -1;

  private final FetchSession session;
  private final ReadLimit limit;
  private final AtomicBoolean hasStirred = new AtomicBoolean();
  private FetchItem item;
  private boolean isNew;
  private long toldWatermark = NEVER_TOLD;
  private long toldLogStart = NEVER_TOLD;

  /** Where it is watched from. */
  private FetchResult.@Nullable Place place;

  private volatile @Nullable Ticket ticket;

  /** The fetch that is run for this partition; ended by then, perhaps. */
  private volatile @Nullable FetchOperation woken;

  SessionPartition(FetchSession session, ReadLimit limit, FetchItem item) {
    this.session = session;
    this.limit = limit;
    this.item = item;
    renew();
  }

  FetchItem item() {
    return item;
  }

  /** The client wants something else of it now; its offset says how far it has come. */
  void change(FetchItem changed) {
    item = changed;
    renew();
  }

  /** Whether what it wants has not been taken note of before; it has, from here on. */
  boolean takeNew() {
    boolean was = isNew;
    isNew = false;
    return was;
  }

  /** What it wants is to be taken note of once more, if that says how far a follower has come. */
  void renew() {
    isNew = limit == ReadLimit.LOG_END;
  }

  boolean isToldOf(FetchResult result) {
    return toldWatermark == result.highWatermark() && toldLogStart == result.logStartOffset();
  }

  /** After an error the next good answer is news, whatever it says, and so is what is wanted. */
  void tell(FetchResult result) {
    toldWatermark = result.error() == Errors.NONE ? result.highWatermark() : NEVER_TOLD;
    toldLogStart = result.logStartOffset();
    if (result.error() != Errors.NONE) {
      renew();
    }
  }

  /** Whether the result leaves nothing to be looked at before the partition stirs. */
  boolean isQuietAfter(FetchResult result) {
    return result.isReadToTheEnd() && isToldOf(result) && !isNew;
  }

  /** Where it is watched from, or null if it is not. */
  FetchResult.@Nullable Place watchedFrom() {
    return ticket == null ? null : place;
  }

  /** Whether nothing has moved since it was watched and its client was told of it. */
  boolean isAsTold(FetchResult.Place watched) {
    PartitionReplica replica = watched.replica();
    return replica.endOffset(limit) == watched.end()
        && replica.highWatermark() == toldWatermark
        && replica.logStartOffset() == toldLogStart
        && replica.role().equals(watched.role());
  }

  /**
   * Watches the partition from where it was found.
   *
   * @return false where it is not there any more
   */
  boolean watch(FetchResult result) {
    FetchResult.Place found = result.place();
    if (found == null) {
      return false;
    }
    watchNoMore();
    PartitionReplica replica = found.replica();
    place = found;
    ticket = replica.awaitBytes(limit, found.end(), found.role(), this);
    if (ticket == null) {
      return false;
    }
    if (limit == ReadLimit.LOG_END && haveBordersMoved(replica, result)) {
      stir();
    }
    return true;
  }

  private static boolean haveBordersMoved(PartitionReplica replica, FetchResult since) {
    return replica.highWatermark() != since.highWatermark()
        || replica.logStartOffset() != since.logStartOffset();
  }

  void watchNoMore() {
    Ticket held = ticket;
    if (held != null) {
      held.leave();
      ticket = null;
    }
  }

  /** It is about to be looked at: what happens from now on is to be told again. */
  void settle() {
    hasStirred.set(false);
  }

  @Override
  public WakeTarget home() {
    return wokenFetch().home();
  }

  @Override
  public boolean bytesAvailable(long bytes) {
    FetchOperation fetch = stir();
    return fetch != null && fetch.bytesAvailable(bytes) && isToRun(fetch);
  }

  @Override
  public boolean bordersMoved() {
    FetchOperation fetch = stir();
    return fetch != null && fetch.bordersMoved() && isToRun(fetch);
  }

  @Override
  public boolean disturbed() {
    FetchOperation fetch = stir();
    return fetch != null && fetch.disturbed() && isToRun(fetch);
  }

  /**
   * Notes that it is not quiet any more, before it looks who waits: one who begins to wait does
   * these two in the other order. Where nobody waits, once is enough.
   */
  private @Nullable FetchOperation stir() {
    if (hasStirred.compareAndSet(false, true)) {
      session.stirred(this);
    }
    FetchOperation fetch = session.parked();
    Ticket held = ticket;
    if (fetch == null && held != null) {
      held.leave();
    }
    return fetch;
  }

  private boolean isToRun(FetchOperation fetch) {
    woken = fetch;
    return true;
  }

  @Override
  public void run() {
    wokenFetch().run();
  }

  private FetchOperation wokenFetch() {
    FetchOperation fetch = woken;
    if (fetch == null) {
      throw new IllegalStateException("no fetch was woken: " + item.key());
    }
    return fetch;
  }
}

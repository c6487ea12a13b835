package io.penstock.node.api.fetch;

import io.penstock.replication.partition.Ticket;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** Which partitions a fetch looks at, and how it waits for them. Of one fetch, on its loop. */
sealed interface FetchScope {

  /** What to look at now. */
  List<FetchItem> items();

  /** Whether there is nothing to wait for. */
  boolean isEmpty();

  /**
   * Has the fetch told of what happens at its partitions, from what was found at them.
   *
   * @return false where something has happened already: it is to look again
   */
  boolean park(FetchOperation fetch, FetchAttempt attempt);

  void unpark(FetchOperation fetch);

  /** Whether what an item says of its reader is to be taken note of; asked once of each look. */
  boolean takeNew(FetchItem item);

  /** Whether the attempt has found anything, were it not bytes, that is to be told before long. */
  boolean isNews(FetchAttempt attempt);

  /** The same partitions each time; the fetch hangs at all of them while it waits. */
  final class Listed implements FetchScope {
    private final List<FetchItem> items;
    private final FetchParameters parameters;
    private final List<Ticket> tickets = new ArrayList<>(1);

    Listed(List<FetchItem> items, FetchParameters parameters) {
      this.items = items;
      this.parameters = parameters;
    }

    @Override
    public List<FetchItem> items() {
      return items;
    }

    @Override
    public boolean isEmpty() {
      return items.isEmpty();
    }

    @Override
    public boolean park(FetchOperation fetch, FetchAttempt attempt) {
      for (FetchResult result : attempt.results()) {
        FetchResult.Place place = result.place();
        Ticket ticket =
            place == null
                ? null
                : place.replica().awaitBytes(parameters.limit(), place.end(), place.role(), fetch);
        if (ticket == null) {
          unpark(fetch);
          return false;
        }
        tickets.add(ticket);
      }
      return true;
    }

    @Override
    public void unpark(FetchOperation fetch) {
      tickets.forEach(Ticket::leave);
      tickets.clear();
    }

    @Override
    public boolean takeNew(FetchItem item) {
      return true;
    }

    @Override
    public boolean isNews(FetchAttempt attempt) {
      return false;
    }
  }

  /**
   * What is active of a session, which watches the rest.
   *
   * @param acks where a follower has the session
   */
  record Active(FetchSession session, FetchServices services, FollowerAcks acks)
      implements FetchScope {
    @Override
    public List<FetchItem> items() {
      for (FetchSession.Quiet quiet : session.goThroughQuiet(services.clock().getAsLong())) {
        if (session.isFollowers() && acks.take(quiet.item(), quiet.place()) != Errors.NONE) {
          session.wake(quiet.partition());
        }
      }
      return session.itemsToLookAt();
    }

    @Override
    public boolean isEmpty() {
      return session.size() == 0;
    }

    @Override
    public boolean park(FetchOperation fetch, FetchAttempt attempt) {
      return session.park(fetch, attempt.results());
    }

    @Override
    public void unpark(FetchOperation fetch) {
      session.unpark(fetch);
    }

    @Override
    public boolean takeNew(FetchItem item) {
      return session.takeNew(item);
    }

    @Override
    public boolean isNews(FetchAttempt attempt) {
      return session.isFollowers() && session.isNews(attempt.results());
    }
  }
}

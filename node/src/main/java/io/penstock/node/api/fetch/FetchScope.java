package io.penstock.node.api.fetch;

import io.penstock.replication.partition.Ticket;
import java.util.ArrayList;
import java.util.List;

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
  }

  /** What is active of a consumer's session, which watches the rest. */
  record Active(FetchSession session, FetchServices services) implements FetchScope {
    @Override
    public List<FetchItem> items() {
      return session.itemsToLookAt(services.clock().getAsLong());
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
  }
}

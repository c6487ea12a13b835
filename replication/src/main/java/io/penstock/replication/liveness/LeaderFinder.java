package io.penstock.replication.liveness;

import io.penstock.replication.value.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the leader of {@code leadership} may be found. Any thread may ask; nothing blocks. */
public interface LeaderFinder {

  /** Who leads as far as this node knows, or null. */
  @Nullable Place leader();

  /** All who could lead. */
  List<Place> voters();

  /** A node and where its peers reach it. */
  record Place(int nodeId, Address address) {}
}

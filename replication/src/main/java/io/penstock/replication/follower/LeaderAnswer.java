package io.penstock.replication.follower;

import java.util.List;

/** How a leader node answered a fetch. Whoever receives it closes it. */
public sealed interface LeaderAnswer extends AutoCloseable {

  @Override
  void close();

  /** What is new, partition by partition. The records are gone when it is closed. */
  record Batches(List<FetchedPartition> partitions, Runnable release) implements LeaderAnswer {
    public Batches {
      partitions = List.copyOf(partitions);
    }

    @Override
    public void close() {
      release.run();
    }
  }

  /** The leader does not remember what it was asked for: the next fetch has to be fresh. */
  record SessionLost() implements LeaderAnswer {
    @Override
    public void close() {}
  }
}

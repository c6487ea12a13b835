package io.penstock.replication.partition;

/** Told on any thread, with no lock held, of what an ISR may have to change for; never blocks. */
@FunctionalInterface
public interface IsrWatch {

  /** A replica that is not in the ISR has all that was committed. */
  void followerCaughtUp(PartitionReplica replica);
}

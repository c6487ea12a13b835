package io.penstock.replication.raft;

/** Told of every new image of a group, in order, on its applier thread. Must not block. */
@FunctionalInterface
public interface GroupListener<I> {

  void imageChanged(I image);
}

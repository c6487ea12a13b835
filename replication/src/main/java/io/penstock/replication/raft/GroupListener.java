package io.penstock.replication.raft;

import io.penstock.replication.value.Position;

/**
 * Told of what becomes of a group on this node. Images and commands are told of in order and one at
 * a time, on the group's applier thread; {@link #roleChanged} and {@link #removed} come on the
 * timer thread of the host, a moment after the fact. Must not block.
 */
@FunctionalInterface
public interface GroupListener<I> {

  /**
   * There is a new image: by a command, of which {@link #applied} was told before, or by a snapshot
   * that was loaded or installed, which skips what {@link #applied} would have told. Or the very
   * same image is now that of a later place, as an entry of Raft's own followed.
   */
  void imageChanged(Position at, I image);

  /** A command was applied; its image is told of next. */
  default void applied(Position at, byte[] command) {}

  /** The group has another leader, or none that is known here, or its leader here is ready. */
  default void roleChanged(GroupRole role) {}

  /** This node was taken out of the group's voters: the group is closed here, and nothing else. */
  default void removed() {}
}

package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The groups of one shard, for events on it. On the shard's thread only. */
public interface Groups {

  /** The group of this name, or null where there is none (there may be offsets of that name). */
  @Nullable Group find(String groupId);

  /** Whether there is memory for a member that is new. */
  boolean hasRoom();

  /**
   * Adds a group, or takes it in place of the one of its name.
   *
   * @return false where the shard holds as many as it may; the group was not added
   */
  boolean put(Group group);

  /** Forgets the group; its offsets stay. */
  void remove(String groupId);

  Collection<Group> all();

  /** Whether something is committed under this name, of a group or of one who is in none. */
  boolean hasOffsets(String groupId);
}

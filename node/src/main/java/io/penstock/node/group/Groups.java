package io.penstock.node.group;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import java.util.Collection;
import org.apache.kafka.common.protocol.Errors;
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

  /**
   * Has the log say that a group, which was put already, stands where another one was, or none. If
   * nothing of the event comes into the log, all is as before, and whoever has come to wait in the
   * group hears that.
   */
  default void replace(@Nullable Group before, Group group, Effects effects) {
    if (before != null) {
      before.removal().forEach(effects::append);
    }
    effects.ifNotAppended(() -> {
      group.unload(Errors.COORDINATOR_NOT_AVAILABLE, effects);
      putBack(before, group);
    });
  }

  /** Takes back that a group was put where another one was, or none. */
  default void putBack(@Nullable Group before, Group group) {
    if (before == null) {
      remove(group.id());
    } else {
      put(before);
    }
  }

  /** Forgets the group; its offsets stay. */
  void remove(String groupId);

  Collection<Group> all();

  /** Whether something is committed under this name, of a group or of one who is in none. */
  boolean hasOffsets(String groupId);
}

package io.penstock.node.api.group;

import io.penstock.node.group.Groups;
import io.penstock.node.group.classic.ClassicGroup;
import org.jspecify.annotations.Nullable;

/** Finds groups of the classic protocol among all groups of a shard. */
final class ClassicLookup {

  private ClassicLookup() {}

  /** The group, or null where there is none of that name, or one of another protocol. */
  static @Nullable ClassicGroup find(Groups groups, String groupId) {
    return groups.find(groupId) instanceof ClassicGroup group ? group : null;
  }
}

package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupSnapshot;

/** Makes a group out of what the log says of it; its members have a whole session from now on. */
@FunctionalInterface
public interface GroupRestore {

  Group restored(GroupSnapshot snapshot, long nowMs);
}

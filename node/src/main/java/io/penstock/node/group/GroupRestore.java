package io.penstock.node.group;

import io.penstock.node.group.consumer.ConsumerState;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupSnapshot;

/** Makes groups out of what the log says of them; members have a whole session from now on. */
public interface GroupRestore {

  Group classic(GroupSnapshot snapshot, long nowMs);

  Group consumer(ConsumerState state, long nowMs);
}

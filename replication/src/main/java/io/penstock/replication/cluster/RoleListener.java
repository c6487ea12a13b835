package io.penstock.replication.cluster;

import io.penstock.replication.raft.GroupRole;

/**
 * Told when a group has another leader as far as this node knows, or when this node begins or
 * ceases to lead it; one at a time, on a thread of the control plane. Must not block.
 */
@FunctionalInterface
public interface RoleListener {

  void roleChanged(GroupRole role);
}

package io.penstock.node.group;

import io.penstock.node.group.effect.Reply;

/** Something that happens to a shard, as {@link GroupEvent}, with the offsets in view. */
@FunctionalInterface
interface ShardEvent<T> {

  void happen(ShardState state, long nowMs, Reply<T> reply, ShardEffects effects);
}

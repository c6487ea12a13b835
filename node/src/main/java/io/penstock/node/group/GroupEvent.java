package io.penstock.node.group;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Reply;

/**
 * Something that happens to a group: called once, on its shard's thread, while the shard is loaded
 * and leads. What it changes is changed at once; what it stores and answers goes into the effects.
 */
@FunctionalInterface
public interface GroupEvent<T> {

  /**
   * Changes what is to be changed.
   *
   * @param reply takes exactly one answer, now (by the effects) or later (kept by the group)
   */
  void happen(Groups groups, long nowMs, Reply<T> reply, Effects effects);
}

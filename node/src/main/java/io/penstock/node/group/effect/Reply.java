package io.penstock.node.group.effect;

/**
 * The place of one answer. A group may keep it for as long as it takes, and sends exactly one
 * answer, on its shard's thread. It does not matter whether the one who asked is still there.
 */
@FunctionalInterface
public interface Reply<T> {

  void send(T answer);
}

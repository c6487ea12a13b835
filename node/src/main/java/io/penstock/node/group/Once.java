package io.penstock.node.group;

import io.penstock.node.group.effect.Reply;

/** Lets one answer through. On the shard's thread. */
final class Once<T> implements Reply<T> {

  private final Reply<T> reply;
  private boolean taken;

  Once(Reply<T> reply) {
    this.reply = reply;
  }

  /** Whether there was no answer yet; there is none but the caller's from here on. */
  boolean take() {
    boolean first = !taken;
    taken = true;
    return first;
  }

  @Override
  public void send(T answer) {
    if (take()) {
      reply.send(answer);
    }
  }
}

package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Effects;

/** One event of one group: when it happens, and where what it asks of the world goes. */
record Step(ClassicGroup group, long nowMs, Effects effects) {

  ClassicSettings settings() {
    return group.settings();
  }

  ClassicMembers members() {
    return group.members();
  }
}

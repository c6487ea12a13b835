package io.penstock.node.group;

/** What became of a look at a group. */
public sealed interface GroupFound {

  /** It is here. */
  record Here(GroupView group) implements GroupFound {}

  /** This node would coordinate it, or nobody would yet, and there is none of that name. */
  record Unknown() implements GroupFound {}

  /** Another node coordinates it, if it exists. */
  record Elsewhere(int nodeId) implements GroupFound {}

  /** It cannot be said at present. */
  record NotNow(String reason) implements GroupFound {}
}

package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;

/** A simulated member of either protocol, as whoever disturbs and judges it sees it. */
interface SimMember {

  void start();

  /** Is gone without a word. */
  void crash();

  void leave();

  /** Subscribes to all topics, so that every partition finds somebody. */
  void wantAll();

  boolean isAlive();

  /** Whether it does nothing but what consumers should. */
  boolean isHonest();

  /** Whether it is to stay away once it is gone. */
  boolean staysAway();

  String memberId();

  /** The one that it believes to be in; none while it is on the way into one. */
  int epoch();

  /** What it reads. */
  MemberTarget owned();
}

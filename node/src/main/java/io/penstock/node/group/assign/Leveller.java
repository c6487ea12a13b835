package io.penstock.node.group.assign;

import java.util.Arrays;

/**
 * Makes shares as even as subscriptions allow. A member can pass a partition of a topic on to any
 * subscriber of it, who can pass on one of another topic, and so forth: where such a chain leads
 * from one member to another that has at least two less, it is carried out, and only the ends have
 * more or less after it. When there is no such chain no other division is more even. Used by one
 * thread.
 */
final class Leveller {

  /**
   * How many subscriptions are looked at, at most, a fraction of a second: clients choose what they
   * subscribe to, and one group must not hold up the others of its shard. What is not levelled then
   * is still complete.
   */
  static final long STEPS_MAX = 30_000_000;

  private static final int NONE = -1;

  private final Roster roster;
  private final Shares shares;

  /** Members that can pass nothing on, nor can anybody in their reach. */
  private final boolean[] settled;

  /** Of each member that was reached: from whom, out of which slot of theirs, into which of its. */
  private final int[] reachedFrom;

  private final int[] outOfSlot;
  private final int[] intoSlot;

  private final boolean[] topicsSeen;
  private final int[] reached;
  private int reachedCount;
  private long stepsLeft;

  Leveller(Roster roster, Shares shares, long stepsMax) {
    this.stepsLeft = stepsMax;
    this.roster = roster;
    this.shares = shares;
    int members = roster.members.size();
    settled = new boolean[members];
    reachedFrom = new int[members];
    outOfSlot = new int[members];
    intoSlot = new int[members];
    reached = new int[members];
    topicsSeen = new boolean[roster.topics.size()];
    for (int member = 0; member < members; member++) {
      settled[member] = roster.topicsOf[member].length == 0;
    }
  }

  void level() {
    while (stepsLeft > 0) {
      int heaviest = NONE;
      int least = Integer.MAX_VALUE;
      for (int member = 0; member < settled.length; member++) {
        if (settled[member]) {
          continue;
        }
        int load = shares.loads[member];
        least = Math.min(least, load);
        if (heaviest == NONE || load > shares.loads[heaviest]) {
          heaviest = member;
        }
      }
      if (heaviest == NONE || shares.loads[heaviest] - least <= 1) {
        return;
      }
      stepsLeft -= settled.length;
      int lightest = lightestReachable(heaviest, least);
      if (lightest == NONE) {
        settleReached();
      } else {
        passOn(heaviest, lightest);
      }
    }
  }

  /**
   * Who of all that a chain leads to has least, if that is two less: the nearest of these.
   *
   * @param least what no member has less than
   */
  private int lightestReachable(int from, int least) {
    Arrays.fill(topicsSeen, false);
    Arrays.fill(reachedFrom, NONE);
    reachedFrom[from] = from;
    reached[0] = from;
    reachedCount = 1;
    int lightest = NONE;
    int bound = shares.loads[from] - 1;
    for (int next = 0; next < reachedCount; next++) {
      int member = reached[next];
      for (int slot = 0; slot < roster.topicsOf[member].length; slot++) {
        int topic = roster.topicsOf[member][slot];
        if (shares.counts[member][slot] == 0 || topicsSeen[topic]) {
          continue;
        }
        topicsSeen[topic] = true;
        int firstNew = reachedCount;
        reach(member, slot, topic);
        for (int i = firstNew; i < reachedCount; i++) {
          if (shares.loads[reached[i]] < bound) {
            lightest = reached[i];
            bound = shares.loads[lightest];
          }
        }
        if (bound <= least) {
          return lightest;
        }
      }
      stepsLeft -= roster.topicsOf[member].length;
    }
    return lightest;
  }

  private void reach(int member, int slot, int topic) {
    int[] subscribers = roster.subscribersOf[topic];
    stepsLeft -= subscribers.length;
    for (int place = 0; place < subscribers.length; place++) {
      int subscriber = subscribers[place];
      if (reachedFrom[subscriber] != NONE || settled[subscriber]) {
        continue;
      }
      reachedFrom[subscriber] = member;
      outOfSlot[subscriber] = slot;
      intoSlot[subscriber] = roster.slotsOf[topic][place];
      reached[reachedCount++] = subscriber;
    }
  }

  /**
   * The heaviest of them has nobody to give to, so none of them does, and none of them is light.
   */
  private void settleReached() {
    for (int i = 0; i < reachedCount; i++) {
      settled[reached[i]] = true;
    }
  }

  private void passOn(int from, int to) {
    for (int receiver = to; receiver != from; receiver = reachedFrom[receiver]) {
      int giver = reachedFrom[receiver];
      shares.counts[giver][outOfSlot[receiver]]--;
      shares.counts[receiver][intoSlot[receiver]]++;
    }
    shares.loads[from]--;
    shares.loads[to]++;
  }
}

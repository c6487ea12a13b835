package io.penstock.node.group.assign;

import java.util.Map;

/**
 * Gives all members as much the same number of partitions as their subscriptions allow, and moves
 * few for that: where all are subscribed to the same topics, as few as can be. Who can read a
 * partition from its rack comes before who cannot where nothing else speaks for either. Stateless.
 *
 * <p>First it is decided how many partitions of each topic each member has ({@link Shares}, {@link
 * Leveller}), then which ones ({@link Dealer}).
 */
public final class UniformAssignor implements ServerAssignor {

  private final long stepsMax;

  public UniformAssignor() {
    this(Leveller.STEPS_MAX);
  }

  /** One that looks at fewer subscriptions to make a division even. */
  UniformAssignor(long stepsMax) {
    this.stepsMax = stepsMax;
  }

  @Override
  public String name() {
    return "uniform";
  }

  @Override
  public Map<String, MemberTarget> assign(GroupSpec group) {
    Roster roster = new Roster(group);
    Shares shares = new Shares(roster);
    shares.fill();
    shares.shed();
    shares.fill();
    new Leveller(roster, shares, stepsMax).level();
    return Dealer.deal(roster, shares);
  }
}

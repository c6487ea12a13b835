package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import java.util.List;

/** A static member that may speak the other protocol each time it is started. */
final class Twins implements SimMember {

  private final SimWorld world;
  private final List<SimMember> both;
  private SimMember now;

  Twins(SimWorld world, String name) {
    this.world = world;
    this.both =
        List.of(
            new SimClient(world, name, SimClient.Kind.STATIC),
            new ClassicSimClient(world, name, SimClient.Kind.STATIC));
    this.now = both.getFirst();
  }

  @Override
  public void start() {
    now = both.get(world.random.nextInt(both.size()));
    now.start();
  }

  @Override
  public void crash() {
    now.crash();
  }

  @Override
  public void leave() {
    now.leave();
  }

  @Override
  public void wantAll() {
    now.wantAll();
  }

  @Override
  public boolean isAlive() {
    return now.isAlive();
  }

  @Override
  public boolean isHonest() {
    return false;
  }

  @Override
  public boolean staysAway() {
    return false;
  }

  @Override
  public String memberId() {
    return now.memberId();
  }

  @Override
  public int epoch() {
    return now.epoch();
  }

  @Override
  public MemberTarget owned() {
    return now.owned();
  }

  @Override
  public String toString() {
    return now.toString();
  }
}

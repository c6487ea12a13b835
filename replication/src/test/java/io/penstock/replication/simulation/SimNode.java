package io.penstock.replication.simulation;

import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A host: a disk, and the process of a broker that comes and goes over it. */
final class SimNode {

  private static final int WORD_OF_DEATH_US_MAX = 40_000;
  private static final long FAILED_DISK_US = 300 * SimTime.MS;

  private final int id;
  private final Simulation simulation;
  private long wipes;
  private FakeDisk disk;
  private @Nullable SimBroker broker;
  private boolean isDoomed;

  SimNode(int id, Simulation simulation) {
    this.id = id;
    this.simulation = simulation;
    this.disk = newDisk();
  }

  private FakeDisk newDisk() {
    return new FakeDisk(simulation.random().nextLong());
  }

  int id() {
    return id;
  }

  FakeDisk disk() {
    return disk;
  }

  /** The living process, or null. */
  @Nullable SimBroker broker() {
    return broker;
  }

  /** Has the disk fail some time soon. */
  void doom(int writesLeft) {
    isDoomed = true;
    disk.failWritesFrom(writesLeft);
  }

  /** Whether the disk is about to fail. */
  boolean isDoomed() {
    return isDoomed;
  }

  /** The disk is as good as new. */
  void mendDisk() {
    isDoomed = false;
    disk.healWrites();
  }

  /** Of the disk that it has now. */
  UUID directoryId() {
    return new UUID(100 + id, wipes);
  }

  /** Whether a process is here and goes on. */
  boolean isRunning() {
    return broker != null && !broker.process().isPaused();
  }

  void start() {
    UUID incarnation = new UUID(id, simulation.nextNumber());
    simulation.trace().say("node " + id + ": starts");
    mendDisk();
    try {
      SimBroker started = new SimBroker(this, incarnation, simulation);
      broker = started;
      started.start();
    } catch (StorageException failure) {
      throw new AssertionError("node " + id + " does not start", failure);
    }
  }

  /** The process is gone; who was connected to it hears of that, or not, if cut off from here. */
  private void die(SimBroker dead) {
    dead.process().kill();
    broker = null;
    for (SimNode other : simulation.nodes()) {
      if (other != this) {
        simulation
            .time()
            .after(
                simulation.random().nextInt(WORD_OF_DEATH_US_MAX), () -> other.hearOfDeath(dead));
      }
    }
    if (simulation.random().nextInt(3) > 0) {
      UUID incarnation = dead.membership().incarnation();
      simulation
          .time()
          .after(
              simulation.random().nextInt(10 * WORD_OF_DEATH_US_MAX),
              () -> simulation.quorum().isGone(id, incarnation));
    }
  }

  private void hearOfDeath(SimBroker dead) {
    SimBroker here = broker;
    if (here != null && !simulation.network().isCut(dead.node(), id)) {
      here.process().execute(() -> here.peerDied(dead));
    }
  }

  /** What is left on the disk is up to the crash. */
  void crash(Crash kind) {
    SimBroker dead = broker;
    if (dead == null) {
      return;
    }
    simulation.trace().say("node " + id + ": crash " + kind);
    DiskDamage damage = new DiskDamage(disk, dead, simulation.random());
    die(dead);
    if (kind == Crash.WIPED) {
      disk = newDisk();
      wipes++;
    } else {
      damage.apply(kind);
    }
    simulation.checker().processEnded(this);
  }

  void stopped(SimBroker ended) {
    die(ended);
    simulation.checker().processEnded(this);
  }

  /** A node does not live on for long after its only disk; the disk is replaced. */
  void diskFailed(SimBroker failed) {
    failed
        .process()
        .after(
            simulation.random().nextInt((int) FAILED_DISK_US),
            () -> {
              if (failed == broker) {
                crash(Crash.WIPED);
              }
            });
  }

  void pause() {
    if (broker != null && !broker.process().isPaused()) {
      simulation.trace().say("node " + id + ": pause");
      broker.process().pause();
    }
  }

  void resume() {
    if (broker != null && broker.process().isPaused()) {
      simulation.trace().say("node " + id + ": resume");
      broker.process().resume();
    }
  }
}

package io.penstock.replication.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Observers and voters on one thread; each image is compared with what was agreed on. */
class ObserverPollerTest {

  private final ManualTasks time = new ManualTasks();
  private final Random random = new Random(1);
  private final SimulatedNetwork network = new SimulatedNetwork(time, random);
  private final SimulatedGroup group = new SimulatedGroup(time, network, random, 3);

  @Test
  void isOneRoundTripBehindAnIdleCluster() {
    SimulatedGroup.Observer observer = group.observe(7);
    time.advance(10_000);
    for (int i = 0; i < 20; i++) {
      group.agree();
      group.applyAll();

      time.advance(2); // the answer is one way, a way takes 1 ms

      assertEquals(group.last(), observer.at());
    }
  }

  @Test
  void catchesUpByCommandsAfterAnAbsence() {
    SimulatedGroup.Observer observer = group.observe(7);
    agree(10);
    time.advance(1_000);
    observer.poller().setActive(false);
    agree(SimulatedGroup.KEPT);

    observer.poller().setActive(true);
    time.advance(100);

    assertEquals(group.last(), observer.at());
  }

  @Test
  void takesASnapshotWhereTheCommandsAreForgotten() {
    agree(10_000);

    SimulatedGroup.Observer observer = group.observe(7);
    time.advance(1_000);

    assertEquals(group.last(), observer.at());
    assertEquals(1, observer.images(), "nothing but the snapshot");
    agree(1);
    time.advance(10);
    assertEquals(group.last(), observer.at());
  }

  @Test
  void movesOnWhenItsVoterIsCutOff() {
    SimulatedGroup.Observer observer = group.observe(7);
    agree(1);
    time.advance(1_000);
    for (int voter = 1; voter <= 2; voter++) {
      network.cut(7, voter);
    }

    time.advance(10_000);
    agree(1);
    time.advance(10);

    assertEquals(group.last(), observer.at());
  }

  @Test
  void movesOnWhenItsVoterHearsOfNoLeaderAndStandsStill() {
    SimulatedGroup.Observer observer = group.observe(6); // begins with voter 1
    agree(1);
    time.advance(1_000);
    group.elect(-1);

    time.advance(ObserverPoller.LEADERLESS_MAX_MS + 3_000);
    group.elect(2);
    group.agree();
    group.apply(2, 10);
    group.apply(3, 10);
    time.advance(5_000);

    assertEquals(group.last(), observer.at());
  }

  @Test
  void goesFromAVoterThatIsBehindToOneThatIsNot() {
    SimulatedGroup.Observer observer = group.observe(7);
    agree(5);
    time.advance(1_000);
    for (int voter = 1; voter <= 3; voter++) {
      network.stop(voter);
    }
    group.agree();
    group.apply(3, 10);
    group.listen(3);
    time.advance(10_000);
    assertEquals(group.last(), observer.at());
    network.stop(3);
    group.listen(1);
    time.advance(10_000);
    assertEquals(group.last(), observer.at(), "never back");

    group.agree();
    group.applyAll();
    time.advance(10_000);

    assertEquals(group.last(), observer.at());
  }

  @Test
  void learnsTheVotersFromANodeWithoutAVote() {
    group.setVotes(1, false); // the only address that it was given
    SimulatedGroup.Observer observer = group.observe(7);
    agree(3);

    time.advance(5_000);

    assertEquals(group.last(), observer.at());
    assertEquals(3, observer.poller().view().voters().size());
  }

  @Test
  void stopsTheNodeAtACommandThatItCannotRead() {
    SimulatedGroup.Observer observer = group.observe(7);
    agree(1);
    time.advance(1_000);

    group.agreeOnNonsense();
    group.applyAll();
    time.advance(10_000);

    assertEquals(List.of("cannot apply entry 1 of group 'simulated'"), group.failures());
    assertEquals(0, observer.at().index());
  }

  @Test
  void stopsTheNodeOnlyWhenSeveralVotersTellAnotherHistory() {
    SimulatedGroup.Observer observer = group.observe(6);
    agree(5);
    time.advance(1_000);

    group.fork(1);
    time.advance(10_000);
    assertEquals(List.of(), group.failures());
    group.agree();
    group.apply(2, 1);
    group.apply(3, 1);
    time.advance(10_000);
    assertEquals(group.last(), observer.at());
    group.fork(2);
    group.fork(3);
    time.advance(20_000);

    assertEquals(1, group.failures().size());
    assertTrue(group.failures().getFirst().contains("has another history"));
  }

  @Test
  void everybodyConvergesAfterEveryScheduleAndNeverShowsWhatWasNotAgreedOn() {
    for (long seed = 0; seed < 200; seed++) {
      try {
        runSchedule(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void runSchedule(long seed) {
    Random random = new Random(seed);
    ManualTasks time = new ManualTasks();
    SimulatedNetwork network = new SimulatedNetwork(time, random);
    SimulatedGroup group = new SimulatedGroup(time, network, random, 3);
    network.delays(1 + random.nextInt(200));
    network.loses(random.nextDouble() * 0.2);
    List<SimulatedGroup.Observer> observers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int voter = 1 + random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0 -> group.elect(random.nextInt(4) == 0 ? -1 : voter);
        case 1 -> group.restart(voter);
        case 2 -> network.stop(voter);
        case 3 -> network.cut(voter, 10 + random.nextInt(4));
        case 4 -> network.heal();
        case 5 -> group.listen(voter);
        case 6 -> group.setVotes(voter, random.nextBoolean());
        case 7 -> {
          if (observers.size() < 4) {
            observers.add(group.observe(10 + observers.size()));
          }
        }
        default -> {
          for (int j = random.nextInt(40); j > 0; j--) {
            group.agree();
          }
          group.apply(voter, random.nextInt(100));
        }
      }
      time.advance(random.nextInt(500));
    }
    network.heal();
    for (int voter = 1; voter <= 3; voter++) {
      group.setVotes(voter, true);
      group.listen(voter);
    }
    group.elect(1);
    group.applyAll();
    time.advance(60_000);
    for (SimulatedGroup.Observer observer : observers) {
      assertEquals(group.last(), observer.at());
    }
    assertEquals(List.of(), group.failures());
  }

  private void agree(int count) {
    for (int i = 0; i < count; i++) {
      group.agree();
    }
    group.applyAll();
  }
}

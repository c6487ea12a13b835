package io.penstock.replication.liveness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.replication.liveness.SuspicionRules.Evidence;
import io.penstock.replication.liveness.SuspicionRules.Verdict;
import io.penstock.replication.liveness.message.ProbeOutcome;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What each kind of evidence leads to, for every outcome of a probe. */
class SuspicionRulesTest {

  private static Verdict judge(
      ProbeOutcome probe, Map<Integer, ProbeOutcome> opinions, int... ids) {
    return judge(new Evidence(probe, true, false, opinions), ids);
  }

  private static Verdict judge(Evidence evidence, int... others) {
    SortedSet<Integer> living =
        IntStream.of(others).boxed().collect(Collectors.toCollection(TreeSet::new));
    return SuspicionRules.judge(evidence, living);
  }

  @Test
  void aRefusedConnectionFencesWhateverOthersSay() {
    assertInstanceOf(
        Verdict.Fence.class,
        judge(ProbeOutcome.REFUSED, Map.of(2, ProbeOutcome.SAME_PROCESS), 2, 3));
    assertInstanceOf(
        Verdict.Fence.class, judge(new Evidence(ProbeOutcome.REFUSED, false, false, Map.of())));
  }

  @Test
  void anotherProcessAtTheAddressFences() {
    assertInstanceOf(Verdict.Fence.class, judge(ProbeOutcome.OTHER_PROCESS, Map.of(), 2));
  }

  @Test
  void anAnswerOfTheProcessClearsIt() {
    assertEquals(
        new Verdict.Clear(),
        judge(ProbeOutcome.SAME_PROCESS, Map.of(2, ProbeOutcome.LOST, 3, ProbeOutcome.LOST), 2, 3));
  }

  @Test
  void anAnswerFromBeforeTheNewestEvidenceClearsNothing() {
    assertEquals(
        new Verdict.ProbeAgain(),
        judge(new Evidence(ProbeOutcome.SAME_PROCESS, true, true, Map.of()), 2));
  }

  @Test
  void slownessAloneIsLeftToTheSession() {
    assertEquals(
        new Verdict.Clear(),
        judge(new Evidence(ProbeOutcome.SILENT, false, false, Map.of()), 2, 3));
  }

  @Test
  void withoutAnAnswerThoseWhoDidNotReportAreAsked() {
    for (ProbeOutcome outcome :
        new ProbeOutcome[] {ProbeOutcome.SILENT, ProbeOutcome.LOST, ProbeOutcome.UNREACHABLE}) {
      assertEquals(
          new Verdict.Ask(List.of(3, 5)), judge(outcome, Map.of(2, ProbeOutcome.LOST), 2, 3, 5));
    }
  }

  @Test
  void anUnreachableOneIsAskedAboutThoughNobodyReportedIt() {
    assertEquals(
        new Verdict.Ask(List.of(2, 3)),
        judge(new Evidence(ProbeOutcome.UNREACHABLE, false, false, Map.of()), 2, 3));
  }

  @Test
  void agreementOfAllWhoLiveFences() {
    assertInstanceOf(
        Verdict.Fence.class,
        judge(
            ProbeOutcome.SILENT,
            Map.of(2, ProbeOutcome.LOST, 3, ProbeOutcome.UNREACHABLE, 4, ProbeOutcome.SILENT),
            2,
            3));
  }

  @Test
  void oneWhoCannotTellKeepsTheOthersFromFencing() {
    assertEquals(
        new Verdict.Wait(),
        judge(ProbeOutcome.SILENT, Map.of(2, ProbeOutcome.LOST, 3, ProbeOutcome.SILENT), 2, 3));
  }

  @Test
  void oneWhoReachesItLeavesItToTheSession() {
    assertEquals(
        new Verdict.Clear(),
        judge(
            ProbeOutcome.UNREACHABLE,
            Map.of(2, ProbeOutcome.LOST, 3, ProbeOutcome.SAME_PROCESS),
            2,
            3));
  }

  @Test
  void aLeaderWithNobodyToAskFencesNobody() {
    assertEquals(new Verdict.Wait(), judge(ProbeOutcome.LOST, Map.of(2, ProbeOutcome.LOST)));
  }

  @Test
  void inALargeClusterSomeAreEnough() {
    int[] many = IntStream.rangeClosed(2, 101).toArray();
    Map<Integer, ProbeOutcome> some =
        IntStream.rangeClosed(2, 1 + SuspicionRules.ASKED_MAX)
            .boxed()
            .collect(Collectors.toMap(id -> id, _ -> ProbeOutcome.LOST));

    Verdict first = judge(ProbeOutcome.LOST, Map.of(50, ProbeOutcome.LOST), many);

    Verdict.Ask asked = assertInstanceOf(Verdict.Ask.class, first);
    assertEquals(SuspicionRules.ASKED_MAX - 1, asked.brokers().size());
    assertInstanceOf(Verdict.Fence.class, judge(ProbeOutcome.LOST, some, many));
  }
}

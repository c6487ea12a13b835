package io.penstock.replication.liveness;

import io.penstock.replication.liveness.message.ProbeOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What evidence says of a broker. Pure. A wrong guess costs the broker one unfencing and nothing
 * else, hence what all see is enough; what only the leader sees is not, unless the suspect's own
 * host says it.
 */
final class SuspicionRules {

  /** So many brokers are asked for a second opinion at most. */
  static final int ASKED_MAX = 16;

  private SuspicionRules() {}

  /**
   * What is known of one registration.
   *
   * @param probe what the leader found itself
   * @param isSuspected whether anybody has lost its connection, rather than the leader making sure
   * @param isProbeOutdated whether there is evidence from after that probe was sent
   * @param opinions what others have found, by broker; a lost connection is {@code LOST}
   */
  record Evidence(
      ProbeOutcome probe,
      boolean isSuspected,
      boolean isProbeOutdated,
      Map<Integer, ProbeOutcome> opinions) {

    Evidence {
      opinions = Map.copyOf(opinions);
    }
  }

  /** What to do about it. */
  sealed interface Verdict {

    /** The process is gone. */
    record Fence(String reason) implements Verdict {}

    /** There is nothing in it, or nothing that could be proved: the session decides. */
    record Clear() implements Verdict {}

    /** Probe at once. */
    record ProbeAgain() implements Verdict {}

    /** Hear what these brokers find. */
    record Ask(List<Integer> brokers) implements Verdict {
      public Ask {
        brokers = List.copyOf(brokers);
      }
    }

    /** Probe once more, some time later. */
    record Wait() implements Verdict {}
  }

  /**
   * @param others the brokers that were heard of just now, without the suspect and the leader's own
   */
  static Verdict judge(Evidence evidence, SortedSet<Integer> others) {
    return switch (evidence.probe()) {
      case REFUSED -> new Verdict.Fence("its host refuses connections");
      case OTHER_PROCESS -> new Verdict.Fence("another process answers at its address");
      case SAME_PROCESS ->
          evidence.isProbeOutdated() ? new Verdict.ProbeAgain() : new Verdict.Clear();
      case UNREACHABLE, LOST -> withoutAnswer(evidence, others);
      // Slowness alone is none: it might be a pause, which a session allows for.
      case SILENT -> evidence.isSuspected() ? withoutAnswer(evidence, others) : new Verdict.Clear();
    };
  }

  private static Verdict withoutAnswer(Evidence evidence, SortedSet<Integer> others) {
    List<Integer> unasked = new ArrayList<>();
    int agreeing = 0;
    int undecided = 0;
    for (int other : others) {
      ProbeOutcome opinion = evidence.opinions().get(other);
      switch (kindOf(opinion)) {
        case REACHES_IT -> {
          return new Verdict.Clear();
        }
        case LOST_IT -> agreeing++;
        case UNDECIDED -> undecided++;
        case UNASKED -> unasked.add(other);
      }
    }
    int asked = agreeing + undecided;
    if (!unasked.isEmpty() && asked < ASKED_MAX) {
      return new Verdict.Ask(unasked.subList(0, Math.min(unasked.size(), ASKED_MAX - asked)));
    }
    if (agreeing == 0 || undecided > 0) {
      return new Verdict.Wait();
    }
    return new Verdict.Fence("it does not answer, and " + agreeing + " others have lost it too");
  }

  private enum Opinion {
    UNASKED,
    REACHES_IT,
    LOST_IT,
    UNDECIDED
  }

  private static Opinion kindOf(@Nullable ProbeOutcome outcome) {
    if (outcome == null) {
      return Opinion.UNASKED;
    }
    if (outcome == ProbeOutcome.SAME_PROCESS) {
      return Opinion.REACHES_IT;
    }
    return outcome.tellsOfLoss() ? Opinion.LOST_IT : Opinion.UNDECIDED;
  }
}

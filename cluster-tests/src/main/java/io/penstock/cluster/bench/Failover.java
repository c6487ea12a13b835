package io.penstock.cluster.bench;

import io.penstock.cluster.history.Gaps;
import io.penstock.cluster.history.Load;
import io.penstock.cluster.history.Verdict;
import io.penstock.cluster.history.Waiting;
import io.penstock.cluster.history.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * The longest gaps between acks while something is done to one node of three, again and again: how
 * long its partitions had none, and those that another node leads. Half of the writers have the
 * default settings of kafka-clients; the others give a broker 1.5 s to answer, which matters where
 * it is paused and its connections stay open. Clients and nodes do some things for the first time
 * in the first round, and are slow at it, which is told apart. In the end every record is checked.
 *
 * <pre>
 * Failover BOOTSTRAP PIDS FAULT ROUNDS RECORDS_PER_SECOND RESTART...
 * </pre>
 *
 * FAULT is {@code restart} (SIGTERM, and started again), {@code kill} (-9), {@code pause} (SIGSTOP
 * for 10 s, or until it ends by itself) or {@code decider} (kill -9 of the node that leads both
 * Raft groups, or Kafka's controller). RESTART is the command that starts a node again, without the
 * node's id.
 */
public final class Failover {

  /** Processes that have just begun run code that is not compiled yet, those that write, too. */
  private static final Duration WARM_UP = Duration.ofSeconds(20);

  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration AFTER = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofMillis(500);
  private static final int DECIDER_TRIES_MAX = 30;
  private static final int LEADERS_TRIES_MAX = 10;

  private final String bootstrap;
  private final Victims victims;
  private final Workload workload;

  private Failover(String bootstrap, Victims victims, Workload workload) {
    this.bootstrap = bootstrap;
    this.victims = victims;
    this.workload = workload;
  }

  /** Runs all rounds of one fault. */
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0];
    String fault = arguments[2];
    int rounds = Integer.parseInt(arguments[3]);
    List<String> restart = List.of(arguments).subList(5, arguments.length);
    Victims victims = new Victims(Path.of(arguments[1]), restart);
    String name = "failover-" + fault + "-" + Long.toHexString(System.nanoTime());
    Load load = new Load(name, 1, 12, 4, 2, Integer.parseInt(arguments[4]), 100, 0);
    try (Workload workload = Workload.start(bootstrap, load)) {
      Failover failover = new Failover(bootstrap, victims, workload);
      Waiting.goBy(WARM_UP);
      for (int round = 0; round <= rounds; round++) {
        failover.round(fault, round);
      }
      workload.endWriting();
      Output.print(figures("clients with default settings", workload.gapsByDefault()));
      Output.print(figures("clients with request.timeout.ms=1500", workload.gapsOfImpatient()));
      Verdict verdict = workload.verify(Map.of());
      Output.print(fault + ": " + verdict + ", failed sends " + workload.history().failures());
      verdict.requireClean(fault);
    }
  }

  private void round(String fault, int round) throws Exception {
    workload.awaitInSync();
    workload.fault("(leaders move back)", Set.of());
    workload.moveLeadersBack();
    Waiting.goBy(SETTLE);
    workload.fault("(nothing is done)", Set.of());
    Waiting.goBy(AFTER);
    boolean decider = fault.equals("decider");
    int victim = decider ? leaderOfAll() : noDecider(round);
    workload.fault(round == 0 ? fault + ", the first" : fault, workload.ledBy(victim));
    Output.print(
        "%s %s of node %d".formatted(LocalTime.now(ZoneId.systemDefault()), fault, victim));
    switch (fault) {
      case "restart" -> {
        victims.end(victim, "TERM");
        victims.restart(victim);
      }
      case "pause" -> {
        victims.signal(victim, "STOP");
        if (victims.endsWithin(PAUSE, victim)) {
          victims.restart(victim); // as systemd would, while clients are still without an answer
        } else {
          workload.fault("(goes on after the pause)", Set.of());
          victims.signal(victim, "CONT");
        }
      }
      case "kill", "decider" -> {
        victims.end(victim, "KILL");
        workload.awaitAckedEverywhere();
        Waiting.goBy(AFTER);
        workload.fault("(is started again)", Set.of());
        victims.restart(victim);
      }
      default -> throw new IllegalArgumentException("no such fault: " + fault);
    }
    workload.awaitAckedEverywhere();
    Waiting.goBy(AFTER);
  }

  /** A node that leads partitions and decides nothing; moves leaders back until there is one. */
  private int noDecider(int round) throws IOException {
    for (int i = 0; i < LEADERS_TRIES_MAX; i++) {
      Set<Integer> deciders = Deciders.of(bootstrap);
      List<Integer> nodes = victims.nodes();
      for (int j = 0; j < nodes.size(); j++) {
        int node = nodes.get((round + j) % nodes.size());
        if (!deciders.contains(node) && !workload.ledBy(node).isEmpty()) {
          return node;
        }
      }
      workload.moveLeadersBack();
      Waiting.goBy(SETTLE);
    }
    throw new IOException("each node decides or leads nothing: " + Deciders.of(bootstrap));
  }

  /** The node that leads all groups; restarts one of several until there is one. */
  private int leaderOfAll() throws Exception {
    for (int i = 0; i < DECIDER_TRIES_MAX; i++) {
      List<Integer> deciders = new ArrayList<>(Deciders.of(bootstrap));
      if (deciders.size() == 1) {
        return deciders.getFirst();
      }
      workload.fault("(another decides)", Set.of());
      victims.end(deciders.getLast(), "TERM");
      victims.restart(deciders.getLast());
      Waiting.goBy(AFTER);
      workload.awaitInSync();
      workload.moveLeadersBack();
      Waiting.goBy(SETTLE);
    }
    throw new IOException("no node came to lead all groups");
  }

  private static String figures(String who, List<Gaps.AfterFault> gaps) {
    Map<String, List<Gaps.AfterFault>> byName = new LinkedHashMap<>();
    gaps.forEach(gap -> byName.computeIfAbsent(gap.name(), _ -> new ArrayList<>()).add(gap));
    StringBuilder text = new StringBuilder(who + ", longest gaps between acks, ms");
    text.append(" (least / middle / most of the rounds)");
    text.append("\n  %-28s %20s %20s %20s".formatted("", "its partitions", "others", "overall"));
    byName.forEach((name, all) ->
        text.append(
            "\n  %-28s %20s %20s %20s"
                .formatted(
                    name,
                    spread(all, Gaps.AfterFault::hitMs),
                    spread(all, Gaps.AfterFault::othersMs),
                    spread(all, Gaps.AfterFault::overallMs))));
    gaps.stream().filter(Failover::isLong).forEach(gap -> text.append("\n  ").append(gap));
    return text.toString();
  }

  /** Those that someone will want to look up in the nodes' logs. */
  private static boolean isLong(Gaps.AfterFault gap) {
    return Math.max(gap.hitMs(), gap.othersMs()) > LONG.toMillis();
  }

  private static String spread(List<Gaps.AfterFault> gaps, ToLongFunction<Gaps.AfterFault> of) {
    long[] sorted = gaps.stream().mapToLong(of).sorted().toArray();
    return sorted[0] + " / " + sorted[sorted.length / 2] + " / " + sorted[sorted.length - 1];
  }
}

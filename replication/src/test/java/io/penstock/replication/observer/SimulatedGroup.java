package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.value.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A group without Raft: one history that everybody agrees on, voters that have applied some of it,
 * and observers, whose every step is checked against it.
 */
final class SimulatedGroup {

  static final int KEPT = 50;

  private final ChainRules rules = new ChainRules();
  private final ManualTasks time;
  private final SimulatedNetwork network;
  private final Random random;
  private final List<Step> history = new ArrayList<>();
  private final Map<Integer, Voter> voters = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private long term = 1;
  private int leader = 1;

  /** An entry that was agreed on: a command, or null for one of Raft's own. */
  private record Step(Position at, @Nullable Integer command, Long image) {}

  /** A voter: how much of the history it has applied, and what it shows. */
  private static final class Voter {
    private int applied;
    private boolean votes = true;
    private ObserverFeed<Long> feed;

    private Voter(ObserverFeed<Long> feed) {
      this.feed = feed;
    }
  }

  SimulatedGroup(ManualTasks time, SimulatedNetwork network, Random random, int voterCount) {
    this.time = time;
    this.network = network;
    this.random = random;
    for (int id = 1; id <= voterCount; id++) {
      int node = id;
      voters.put(id, new Voter(feed(node)));
      listen(node);
    }
  }

  private ObserverFeed<Long> feed(int node) {
    return new ObserverFeed<>(
        rules,
        () -> voter(node).votes,
        this::view,
        time,
        time,
        time::nowMs,
        new AppliedLog(KEPT, 1 << 20));
  }

  void listen(int node) {
    FeedHandlers handlers = new FeedHandlers(List.of(voter(node).feed));
    network.serve(node, PeerApi.POLL, handlers.poll());
    network.serve(node, PeerApi.SNAPSHOT, handlers.snapshot());
  }

  private Voter voter(int node) {
    Voter voter = voters.get(node);
    if (voter == null) {
      throw new IllegalArgumentException("no voter " + node);
    }
    return voter;
  }

  static Member member(int node) {
    return new Member(node, new UUID(node, node), SimulatedNetwork.address(node));
  }

  private GroupView view() {
    return new GroupView(
        leader, term, voters.keySet().stream().map(SimulatedGroup::member).toList());
  }

  /** Another leader, or -1. Its first entry is Raft's own. */
  void elect(int node) {
    leader = node;
    if (node > 0) {
      term++;
      history.add(new Step(nextPosition(), null, lastImage()));
    }
  }

  /** The cluster agrees on a command. */
  void agree() {
    int command = random.nextInt(1000);
    history.add(new Step(nextPosition(), command, rules.apply(lastImage(), command).image()));
  }

  /** The cluster agrees on what nobody can read. */
  void agreeOnNonsense() {
    history.add(new Step(nextPosition(), ChainRules.UNKNOWN, lastImage()));
  }

  private Position nextPosition() {
    return new Position(term, history.size());
  }

  private Long lastImage() {
    return history.isEmpty() ? rules.emptyImage() : history.getLast().image();
  }

  Position last() {
    return history.isEmpty() ? Position.NONE : history.getLast().at();
  }

  /** A voter applies up to so many entries. */
  void apply(int node, int count) {
    Voter voter = voter(node);
    for (int i = 0; i < count && voter.applied < history.size(); i++) {
      Step step = history.get(voter.applied++);
      if (step.command() != null) {
        voter.feed.applied(step.at(), rules.encodeCommand(step.command()));
      }
      voter.feed.imageChanged(step.at(), step.image());
    }
  }

  void applyAll() {
    for (int node : voters.keySet()) {
      apply(node, Integer.MAX_VALUE);
    }
  }

  /** A voter begins with a snapshot of what it had applied. */
  void restart(int node) {
    Voter voter = voter(node);
    voter.feed.close();
    voter.feed = feed(node);
    if (voter.applied > 0) {
      Step step = history.get(voter.applied - 1);
      voter.feed.imageChanged(step.at(), step.image());
    }
    listen(node);
  }

  void setVotes(int node, boolean votes) {
    voter(node).votes = votes;
    voter(node).feed.wake();
  }

  /** A voter tells another history from now on. */
  void fork(int node) {
    Voter voter = voter(node);
    voter.feed.beginAnew();
    for (Step step : history.subList(0, voter.applied)) {
      Position elsewhere = new Position(step.at().term() + 7, step.at().index());
      voter.feed.applied(elsewhere, rules.encodeCommand(0));
      voter.feed.imageChanged(elsewhere, -1L);
    }
  }

  List<String> failures() {
    return failures;
  }

  /** An observer, which asks a voter of its own choice first. */
  Observer observe(int node) {
    return new Observer(node);
  }

  /** An observer whose every image is compared with the history. */
  final class Observer {
    private final GroupReplica<Long> replica =
        new GroupReplica<>(rules.emptyImage(), (at, image) -> check(at, image));
    private final ObserverPoller<Long, Integer> poller;
    private Position before = Position.NONE;
    private int images;

    private Observer(int node) {
      this.poller =
          new ObserverPoller<>(
              rules,
              replica,
              network.of(node),
              time,
              random,
              new PollerSettings(
                  0, "simulated", member(node), List.of(SimulatedNetwork.address(1)), 1_000),
              new ObserverPoller.Listener() {
                @Override
                public void viewChanged(GroupView view) {}

                @Override
                public void failed(String reason, Throwable cause) {
                  failures.add(reason);
                }
              });
      poller.setActive(true);
    }

    private void check(Position at, Long image) {
      Step step = history.get((int) at.index());
      if (at.index() <= before.index() || !step.at().equals(at) || !step.image().equals(image)) {
        throw new AssertionError("shows " + image + " at " + at + " after " + before + ": " + step);
      }
      before = at;
      images++;
    }

    Position at() {
      return replica.at();
    }

    int images() {
      return images;
    }

    ObserverPoller<Long, Integer> poller() {
      return poller;
    }
  }
}

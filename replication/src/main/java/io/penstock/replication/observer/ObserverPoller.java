package io.penstock.replication.observer;

import io.penstock.replication.observer.AppliedLog.Entry;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerNetwork;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.Position;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a group that this node has no vote in: asks one voter for what comes next, applies it by
 * the same rules, asks again. Another voter is asked where one does not answer, is behind, or hears
 * of no leader. Everything happens on the thread of its {@link Tasks}, which is the applier thread
 * of the group here, but for {@link #setActive} and {@link #view}.
 *
 * @param <I> image
 * @param <C> command
 */
public final class ObserverPoller<I, C> {

  private static final Logger LOG = LoggerFactory.getLogger(ObserverPoller.class);

  /** What an answer may take beyond the wait that was asked for. */
  static final long ANSWER_MS = 1_500;

  static final long PART_MS = 20_000;
  static final long LEADERLESS_MAX_MS = 3_000;
  static final long BACK_OFF_MAX_MS = 2_000;
  private static final long BACK_OFF_MS = 50;
  private static final int BACK_OFF_DOUBLINGS_MAX = 6;
  private static final int PART_BYTES = 1 << 20;

  private final GroupRules<I, C, ?> rules;
  private final GroupReplica<I> replica;
  private final PeerNetwork network;
  private final Tasks tasks;
  private final RandomGenerator random;
  private final PollerSettings settings;
  private final Listener listener;
  private final VoterChoice choice;
  private final Set<Address> forkedFrom = new HashSet<>();
  private volatile GroupView view = GroupView.UNKNOWN;
  private boolean active;
  private boolean isLost;
  private long leaderlessSinceMs = -1;
  private long round;

  /** What the poller finds out. Called on its thread. */
  public interface Listener {

    /** Another leader, or other voters. */
    void viewChanged(GroupView view);

    /** This node cannot go on: see {@code FatalErrorHandler}. */
    void failed(String reason, Throwable cause);
  }

  public ObserverPoller(
      GroupRules<I, C, ?> rules,
      GroupReplica<I> replica,
      PeerNetwork network,
      Tasks tasks,
      RandomGenerator random,
      PollerSettings settings,
      Listener listener) {
    this.rules = rules;
    this.replica = replica;
    this.network = network;
    this.tasks = tasks;
    this.random = random;
    this.settings = settings;
    this.listener = listener;
    this.choice = new VoterChoice(settings.self(), settings.seeds());
  }

  /** Who leads and who votes, as the voters said. */
  public GroupView view() {
    return view;
  }

  /** Begins to ask, or ceases to. */
  public void setActive(boolean now) {
    tasks.run(() -> {
      if (active != now) {
        active = now;
        round++;
        leaderlessSinceMs = -1;
        LOG.info("observing group={} active={} at={}", settings.name(), now, replica.at());
        poll();
      }
    });
  }

  private void poll() {
    if (!active) {
      return;
    }
    Address to = choice.current();
    if (to == null) {
      later(BACK_OFF_MAX_MS, this::poll);
      return;
    }
    Position have = replica.at();
    long askedMs = tasks.nowMs();
    PollRequest request =
        new PollRequest(settings.group(), settings.self(), have, settings.waitMs(), PART_BYTES);
    ask(
        to,
        PeerApi.POLL,
        request.encode(),
        settings.waitMs() + ANSWER_MS,
        bytes -> {
          PollAnswer answer = PollAnswer.decode(bytes);
          take(to, have, answer, tasks.nowMs() - askedMs);
        });
  }

  /** Asks, and comes back to this thread; what is wrong with an answer is the voter's fault. */
  private void ask(Address to, PeerApi api, byte[] body, long timeoutMs, Consumer<byte[]> then) {
    long mine = ++round;
    BiConsumer<byte @Nullable [], @Nullable Throwable> answered =
        (bytes, failure) -> {
          if (mine != round || !active) {
            return; // given up meanwhile
          }
          if (bytes == null) {
            tryNext(to, String.valueOf(cause(failure)));
            return;
          }
          try {
            then.accept(bytes);
          } catch (UnknownFormatException e) {
            tryNext(to, "answered what cannot be read: " + e.getMessage());
          }
        };
    var _ =
        network
            .ask(to, api, body, timeoutMs)
            .whenComplete((bytes, failure) -> tasks.run(() -> answered.accept(bytes, failure)));
  }

  private void take(Address from, Position have, PollAnswer answer, long tookMs) {
    learn(answer);
    switch (answer.status()) {
      case COMMANDS -> apply(from, have, answer, tookMs);
      case TAKE_SNAPSHOT -> download(from, new SnapshotDownload());
      case BEHIND -> tryNext(from, "is behind, at " + answer.upTo() + ", not " + have);
      case FORKED -> forked(from, have, answer);
      case NO_VOTER -> tryNext(from, "has no vote");
    }
  }

  /** A voter that was cut off may speak of old times. */
  private void learn(PollAnswer answer) {
    GroupView told = answer.view();
    if (told.voters().isEmpty()) {
      return;
    }
    if (answer.status() == PollAnswer.Status.NO_VOTER && told.term() == 0) {
      choice.votersAre(told.voters());
      return;
    }
    if (told.term() < view.term()) {
      return;
    }
    choice.votersAre(told.voters());
    if (!told.equals(view)) {
      view = told;
      listener.viewChanged(told);
    }
  }

  private void apply(Address from, Position have, PollAnswer answer, long tookMs) {
    GroupReplica.State<I> base = replica.state();
    if (!base.at().equals(have)) {
      poll(); // the node's own member was faster
      return;
    }
    if (!isInOrder(have, answer)) {
      tryNext(from, "answered out of order after " + have + ": " + answer);
      return;
    }
    I image = base.image();
    for (Entry entry : answer.entries()) {
      try {
        image = rules.apply(image, rules.decodeCommand(entry.command())).image();
      } catch (RuntimeException | Error e) {
        fail("cannot apply entry " + entry.at().index() + " of group '" + settings.name() + "'", e);
        return;
      }
    }
    isGood(from);
    replica.offer(answer.upTo(), image);
    if (isLeaderlessForLong(answer.view())) {
      tryNext(from, "hears of no leader");
    } else if (answer.upTo().equals(have) && tookMs < settings.waitMs() / 2) {
      later(jittered(settings.waitMs() / 4), this::poll); // too many wait there
    } else {
      poll();
    }
  }

  private static boolean isInOrder(Position have, PollAnswer answer) {
    Position at = have;
    for (Entry entry : answer.entries()) {
      if (entry.at().index() <= at.index() || entry.at().term() < at.term()) {
        return false;
      }
      at = entry.at();
    }
    return answer.upTo().index() >= at.index() && answer.upTo().term() >= at.term();
  }

  private boolean isLeaderlessForLong(GroupView told) {
    if (told.hasLeader()) {
      leaderlessSinceMs = -1;
      return false;
    }
    long nowMs = tasks.nowMs();
    if (leaderlessSinceMs < 0) {
      leaderlessSinceMs = nowMs;
    }
    if (nowMs - leaderlessSinceMs < LEADERLESS_MAX_MS) {
      return false;
    }
    leaderlessSinceMs = nowMs;
    return true;
  }

  private void download(Address from, SnapshotDownload download) {
    SnapshotRequest request = download.next(settings.group(), PART_BYTES);
    ask(
        from,
        PeerApi.SNAPSHOT,
        request.encode(),
        PART_MS,
        bytes -> {
          SnapshotAnswer answer = SnapshotAnswer.decode(bytes);
          if (!answer.found()) {
            tryNext(from, "has let its snapshot go");
            return;
          }
          String wrong = download.take(answer, ObserverFeed.SNAPSHOT_BYTES_MAX);
          if (!wrong.isEmpty()) {
            tryNext(from, "sent a snapshot that is not right: " + wrong);
          } else if (!download.isComplete()) {
            download(from, download);
          } else {
            load(from, download);
          }
        });
  }

  private void load(Address from, SnapshotDownload download) {
    if (download.at().index() <= replica.at().index()) {
      tryNext(from, "has only a snapshot of " + download.at() + ", not after " + replica.at());
      return;
    }
    I image;
    try {
      image = download.read(rules::readImage);
    } catch (IOException | RuntimeException | Error e) {
      fail("cannot read a snapshot of group '" + settings.name() + "' from " + from, e);
      return;
    }
    LOG.info(
        "took a snapshot group={} at={} bytes={} from={}",
        settings.name(),
        download.at(),
        download.received(),
        from);
    isGood(from);
    replica.offer(download.at(), image);
    poll();
  }

  /**
   * One voter may be wrong. Where several say so, this node shows what the cluster never agreed on.
   */
  private void forked(Address from, Position have, PollAnswer answer) {
    forkedFrom.add(from);
    long others =
        answer.view().voters().stream().filter(v -> v.nodeId() != settings.self().nodeId()).count();
    if (forkedFrom.size() >= Math.min(2, others)) {
      fail(
          "group '" + settings.name() + "' has another history than this node, which is at " + have,
          new IllegalStateException("said by " + forkedFrom));
      return;
    }
    tryNext(from, "has another history than this node, which is at " + have);
  }

  private void isGood(Address from) {
    forkedFrom.clear();
    choice.wasGood();
    if (isLost) {
      isLost = false;
      LOG.info("follows again group={} from={}", settings.name(), from);
    }
  }

  private void tryNext(Address from, String why) {
    int rounds = choice.wasBad();
    Address next = choice.current();
    if (rounds == 0 || !isLost) {
      LOG.info(
          "asks another voter group={} before={} now={} because it {}",
          settings.name(),
          from,
          next,
          why);
    }
    if (rounds > 0 && !isLost) {
      isLost = true;
      LOG.warn(
          "no voter can be followed, goes on trying group={} at={}", settings.name(), replica.at());
    }
    long delayMs =
        rounds == 0
            ? BACK_OFF_MS / 2
            : Math.min(BACK_OFF_MAX_MS, BACK_OFF_MS << Math.min(rounds, BACK_OFF_DOUBLINGS_MAX));
    later(jittered(delayMs), this::poll);
  }

  /** Between half of it and all. */
  private long jittered(long delayMs) {
    return delayMs / 2 + random.nextLong(delayMs / 2 + 1);
  }

  private void later(long delayMs, Runnable task) {
    long mine = ++round;
    tasks.runAfter(
        delayMs,
        () -> {
          if (mine == round) {
            task.run();
          }
        });
  }

  private void fail(String reason, Throwable cause) {
    active = false;
    listener.failed(reason, cause);
  }

  private static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}

package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.storage.batch.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.FetchResponseData;

/**
 * What the fetches of two followers cost their leader, in sessions of many partitions of which one
 * is written to. A round is a request of each, which acknowledges the record before, its parking,
 * an append that wakes both, and their answers; the append is not counted. Beside it: what it costs
 * to go through the quiet partitions, as is done twice a second, and to look at all of them, as
 * each fetch would without sessions. Prints medians. Run by hand: {@code main PARTITIONS ROUNDS}.
 */
final class FollowerSessionBenchmark {

  private static final String TOPIC = "copied";

  private final DataNode node;
  private final FetchHandler handler;
  private final int partitions;
  private final AtomicLong nowMs = new AtomicLong(1);

  private FollowerSessionBenchmark(DataNode node, int partitions) {
    this.node = node;
    this.partitions = partitions;
    this.handler =
        new FetchHandler(
            node.partitions,
            new FetchSessions(10, partitions * 10, node.metrics),
            (_, _, ready) -> ready.run(),
            Runnable::run,
            55 << 20,
            nowMs::get,
            node.metrics);
  }

  /** One follower's session, in step with the leader. */
  private static final class Follower {
    private final int id;
    private int session;
    private int epoch = 1;

    private Follower(int id) {
      this.id = id;
    }
  }

  public static void main(String[] arguments) throws Exception {
    int partitions = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path directory = Files.createTempDirectory("follower-session");
    try (DataNode node = new DataNode(directory)) {
      node.createReplicatedTopic(TOPIC, 2, partitions);
      for (int i = 0; i < 5; i++) {
        new FollowerSessionBenchmark(node, partitions).run(rounds);
      }
    }
  }

  private void run(int rounds) {
    long start = System.nanoTime();
    List<Follower> followers = List.of(begin(2), begin(3));
    long first = System.nanoTime() - start;
    followers.forEach(each -> release(ask(each, fetch(), 0)));
    followers.forEach(each -> release(ask(each, fetch(), 0)));
    long active = activeNanos(followers, rounds);
    long through = goThroughNanos(followers.getFirst(), rounds / 10);
    long all = lookAtAllNanos(rounds / 100);
    print(
        partitions
            + " partitions: fetch with one active "
            + active
            + " ns, going through the quiet "
            + through
            + " ns, looking at all "
            + all
            + " ns, beginning two sessions "
            + first
            + " ns");
  }

  private Follower begin(int id) {
    Follower follower = new Follower(id);
    RecordedContext context = handle(id, all().replica(id).session(0, 0));
    follower.session = context.response(FetchResponseData.class).sessionId();
    release(context);
    return follower;
  }

  private FetchRequests all() {
    FetchRequests all = fetch();
    for (int i = 0; i < partitions; i++) {
      all.from(TOPIC, i, node.replica(TOPIC, i).logEndOffset(), 0, 1 << 20);
    }
    return all;
  }

  private long activeNanos(List<Follower> followers, int rounds) {
    long[] nanos = new long[rounds];
    long offset = node.replica(TOPIC, 0).logEndOffset();
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      RecordedContext[] asked = new RecordedContext[followers.size()];
      for (int i = 0; i < asked.length; i++) {
        FetchRequests next = fetch().from(TOPIC, 0, offset, 0, 1 << 20);
        asked[i] = ask(followers.get(i), next, 500);
      }
      nanos[round] = System.nanoTime() - start;
      node.append(TOPIC, 0, TestBatch.ofRecords(1).build(), node.loop.wakeups());
      offset++;
      start = System.nanoTime();
      node.loop.runRound();
      nanos[round] += System.nanoTime() - start;
      for (RecordedContext context : asked) {
        release(context);
      }
    }
    return median(nanos) / followers.size();
  }

  private long goThroughNanos(Follower follower, int rounds) {
    long[] nanos = new long[rounds];
    release(ask(follower, fetch().from(TOPIC, 0, end(), 0, 1 << 20), 0));
    for (int round = 0; round < rounds; round++) {
      nowMs.addAndGet(FetchSession.GO_THROUGH_EACH_MS);
      long start = System.nanoTime();
      release(ask(follower, fetch(), 0));
      nanos[round] = System.nanoTime() - start;
    }
    return median(nanos);
  }

  private long lookAtAllNanos(int rounds) {
    long[] nanos = new long[rounds];
    for (int round = 0; round < rounds; round++) {
      FetchRequests all = all().replica(2);
      long start = System.nanoTime();
      release(handle(2, all));
      nanos[round] = System.nanoTime() - start;
    }
    return median(nanos);
  }

  /** Most rounds are not interrupted, even on a busy machine. */
  private static long median(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2];
  }

  private long end() {
    return node.replica(TOPIC, 0).logEndOffset();
  }

  private RecordedContext ask(Follower follower, FetchRequests request, int maxWaitMs) {
    return handle(
        follower.id,
        request
            .replica(follower.id)
            .session(follower.session, follower.epoch++)
            .waiting(maxWaitMs, 1));
  }

  private RecordedContext handle(int follower, FetchRequests request) {
    RecordedContext context = node.context(18).ofPeer(follower);
    handler.handle(context, request.build());
    node.loop.runRound();
    return context;
  }

  private static void release(RecordedContext context) {
    WireRecords.release(context.response(FetchResponseData.class));
  }

  @SuppressWarnings("SystemOut") // what it is run for
  private static void print(String line) {
    System.out.println(line);
  }
}

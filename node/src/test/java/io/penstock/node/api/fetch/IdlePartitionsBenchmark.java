package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;

import io.penstock.client.wire.WireRecords;
import io.penstock.node.api.DataNode;
import io.penstock.node.api.RecordedContext;
import io.penstock.storage.batch.TestBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.message.FetchResponseData;

/**
 * What a fetch costs in a session of many partitions of which one has something to say. Each round
 * is a request, its parking, an append that wakes it, and its answer; the append is timed on its
 * own and taken off. Run by hand: {@code main PARTITIONS ROUNDS}.
 */
final class IdlePartitionsBenchmark {

  private IdlePartitionsBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    int partitions = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path directory = Files.createTempDirectory("idle-partitions");
    try (DataNode node = new DataNode(directory)) {
      node.createTopic("idle", partitions);
      node.createTopic("alone", 1);
      FetchHandler handler =
          new FetchHandler(
              node.partitions,
              new FetchSessions(10, partitions * 10, node.metrics),
              (_, _, ready) -> ready.run(),
              Runnable::run,
              55 << 20,
              System::currentTimeMillis,
              node.metrics);
      for (int i = 0; i < 3; i++) {
        long many = nanosPerRound(node, handler, "idle", partitions, rounds);
        long one = nanosPerRound(node, handler, "alone", 1, rounds);
        print(partitions + " partitions: " + many + " ns a round, one: " + one + " ns");
      }
    }
  }

  private static long nanosPerRound(
      DataNode node, FetchHandler handler, String topic, int partitions, int rounds) {
    long offset = node.replica(topic, 0).logEndOffset();
    FetchRequests all = fetch().session(0, 0);
    for (int i = 0; i < partitions; i++) {
      all.from(topic, i, i == 0 ? offset : 0);
    }
    int session = handle(node, handler, all).response(FetchResponseData.class).sessionId();
    long nanos = 0;
    for (int round = 1; round <= rounds; round++) {
      FetchRequests next = fetch().waiting(60_000, 1).session(session, round);
      if (round > 1) {
        next.from(topic, 0, offset);
      }
      long start = System.nanoTime();
      RecordedContext context = handle(node, handler, next);
      nanos += System.nanoTime() - start;
      node.append(topic, 0, TestBatch.ofRecords(1).build(), node.loop.wakeups());
      offset++;
      start = System.nanoTime();
      node.loop.runRound();
      nanos += System.nanoTime() - start;
      WireRecords.release(context.response(FetchResponseData.class));
    }
    return nanos / rounds;
  }

  private static RecordedContext handle(DataNode node, FetchHandler handler, FetchRequests fetch) {
    RecordedContext context = node.context(18);
    handler.handle(context, fetch.build());
    node.loop.runRound();
    return context;
  }

  @SuppressWarnings("SystemOut") // what it is run for
  private static void print(String line) {
    System.out.println(line);
  }
}

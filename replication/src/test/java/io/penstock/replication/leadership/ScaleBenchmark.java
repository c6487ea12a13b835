package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.codec.LeadershipImageCodec;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What large clusters cost the rules: prints times, sizes and memory, asserts nothing. Started by
 * {@code cluster-tests/bench/control-plane.sh}; the arguments are numbers of partitions.
 */
final class ScaleBenchmark {

  private static final int PARTITIONS_OF_A_TOPIC = 10;
  private static final int TOPICS_OF_A_COMMAND = 1_000;
  private static final int ROUNDS = 9;

  private final Random ids = new Random(1);

  private ScaleBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    int[] sizes = Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
    ScaleBenchmark benchmark = new ScaleBenchmark();
    System.out.println("10 000 partitions at once, replication factor 3, 5 brokers:");
    benchmark.createAtOnce();
    for (int brokers : new int[] {5, 50}) {
      for (int partitions : sizes) {
        benchmark.measure(partitions, brokers);
      }
    }
  }

  private void createAtOnce() {
    LeadershipImage empty = cluster(5);
    CreateTopics one =
        new CreateTopics(List.of(NewTopic.placed("wide", new UUID(1, 1), 10_000, 3)));
    CreateTopics many = topics(0, 1_000);
    print("  in one topic", times(() -> LeadershipRules.apply(empty, one)));
    print("  in 1 000 topics of 10", times(() -> LeadershipRules.apply(empty, many)));
  }

  private void measure(int partitions, int brokers) throws IOException {
    System.out.printf("%n%,d partitions in topics of 10, %d brokers:%n", partitions, brokers);
    long start = System.nanoTime();
    LeadershipImage image = cluster(brokers);
    int topics = partitions / PARTITIONS_OF_A_TOPIC;
    for (int i = 0; i < topics; i += TOPICS_OF_A_COMMAND) {
      image = apply(image, topics(i, Math.min(TOPICS_OF_A_COMMAND, topics - i)));
    }
    System.out.printf("  %-24s %8.1f ms%n", "create", (System.nanoTime() - start) / 1e6);
    LeadershipImage full = image;
    BrokerImage broker = full.brokers().getFirst();
    FenceBroker fence = new FenceBroker(broker.id(), broker.epoch());
    print("  fence", times(() -> LeadershipRules.apply(full, fence)));
    LeadershipImage fenced = apply(full, fence);
    print(
        "  unfence",
        times(() -> LeadershipRules.apply(fenced, new UnfenceBroker(broker.id(), broker.epoch()))));
    print(
        "  drain",
        times(() -> LeadershipRules.apply(full, new DrainBroker(broker.id(), broker.epoch()))));
    print("  unclean restart", times(() -> LeadershipRules.apply(full, register(broker.id(), 77))));
    System.out.printf("  %-24s %8.1f ms%n", "difference to fenced", difference(full, fenced));
    try {
      snapshot("full", full);
      snapshot("fenced", fenced);
    } finally {
      Reference.reachabilityFence(full);
    }
  }

  private static double difference(LeadershipImage before, LeadershipImage after) {
    int[] topics = {0};
    long start = System.nanoTime();
    after.forEachChangedTopic(before, (_, _, _) -> topics[0]++);
    return (System.nanoTime() - start) / 1e6;
  }

  private static void snapshot(String which, LeadershipImage image) throws IOException {
    byte[] bytes = write(image);
    print("  write snapshot, " + which, times(() -> write(image)));
    print("  read snapshot, " + which, times(() -> read(bytes)));
    try {
      long before = usedBytes();
      LeadershipImage restored = read(bytes);
      long after = usedBytes();
      System.out.printf(
          "  snapshot %,d bytes; image of %,d partitions %,d bytes of heap%n",
          bytes.length, restored.partitionCount(), after - before);
    } finally {
      Reference.reachabilityFence(image);
    }
  }

  private static long usedBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static byte[] write(LeadershipImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (BufferedOutputStream buffered = new BufferedOutputStream(bytes, 64 * 1024)) {
      LeadershipImageCodec.write(image, new CompactOutput(buffered));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return bytes.toByteArray();
  }

  private static LeadershipImage read(byte[] bytes) {
    try {
      return LeadershipImageCodec.read(
          new CompactInput(new ByteArrayInputStream(bytes), bytes.length));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static LeadershipImage apply(LeadershipImage image, LeadershipCommand command) {
    return LeadershipRules.apply(image, command).image();
  }

  private LeadershipImage cluster(int brokers) {
    LeadershipImage image = LeadershipImage.EMPTY;
    for (int id = 1; id <= brokers; id++) {
      image = apply(image, register(id, id));
      image = apply(image, new UnfenceBroker(id, image.lastBrokerEpoch()));
    }
    return image;
  }

  private static RegisterBroker register(int id, int incarnation) {
    Address address = new Address("host" + id, 9092);
    return new RegisterBroker(id, new UUID(2, incarnation), address, address, "rack" + id % 3, -1);
  }

  private CreateTopics topics(int from, int count) {
    List<NewTopic> topics = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      UUID id = new UUID(ids.nextLong(), ids.nextLong());
      topics.add(
          NewTopic.placed("topic." + i, id, PARTITIONS_OF_A_TOPIC, 3).withMinInsyncReplicas(2));
    }
    return new CreateTopics(topics);
  }

  private static double[] times(Supplier<?> work) {
    double[] times = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      Object made = work.get();
      times[i] = (System.nanoTime() - start) / 1e6;
      if (made == null) {
        throw new IllegalStateException();
      }
    }
    return times;
  }

  private static void print(String what, double[] times) {
    double first = times[0];
    Arrays.sort(times);
    System.out.printf(
        "%-26s %8.1f ms (the first time %.1f ms)%n", what, times[times.length / 2], first);
  }
}

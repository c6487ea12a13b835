package io.penstock.cluster.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A program of its own, so that one compiled class runs with several versions of kafka-clients: the
 * members of a consumer group come, leave, crash and are given more partitions while records are
 * produced. Ends with 0 only when every record was processed once, by the discipline of {@link
 * GroupTourMember}, and the group was described as what it was.
 */
public final class GroupTour {
  private static final int PARTITIONS_FIRST = 6;
  private static final int PARTITIONS_LAST = 9;
  private static final int ROUND = 600;
  private static final long PATIENCE_MS = 90_000;

  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;
  private final GroupTourMember.Settings settings;
  private final GroupTourLedger ledger = new GroupTourLedger();
  private final List<GroupTourMember> members = new ArrayList<>();
  private int produced;

  private GroupTour(
      Admin admin, KafkaProducer<byte[], byte[]> producer, GroupTourMember.Settings settings) {
    this.admin = admin;
    this.producer = producer;
    this.settings = settings;
  }

  /**
   * Arguments: bootstrap address, a name for the topic and the group, how many members, the class
   * of the assignor, or {@code consumer} where the coordinator assigns, {@code static} or {@code
   * dynamic}.
   */
  public static void main(String[] arguments) throws Exception {
    GroupTourMember.Settings settings =
        new GroupTourMember.Settings(
            arguments[0], arguments[1], arguments[3], arguments[4].equals("static"));
    Properties toProduce = new Properties();
    toProduce.put("bootstrap.servers", settings.bootstrap());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", settings.bootstrap()));
        var producer =
            new KafkaProducer<>(toProduce, new ByteArraySerializer(), new ByteArraySerializer())) {
      new GroupTour(admin, producer, settings).run(Integer.parseInt(arguments[2]));
    }
  }

  private void run(int count) throws Exception {
    admin
        .createTopics(List.of(new NewTopic(settings.name(), PARTITIONS_FIRST, (short) 1)))
        .all()
        .get();
    join(count / 2);
    produce(PARTITIONS_FIRST);
    awaitProcessed("the first members");
    join(count - count / 2);
    produce(PARTITIONS_FIRST);
    awaitProcessed("all members");
    awaitStable(count);

    members.remove(0).leave();
    produce(PARTITIONS_FIRST);
    awaitProcessed("one has left");
    members.remove(0).crash();
    produce(PARTITIONS_FIRST);
    join(2);
    awaitProcessed("one has crashed, two have come");
    produce(PARTITIONS_FIRST);
    admin
        .createPartitions(Map.of(settings.name(), NewPartitions.increaseTo(PARTITIONS_LAST)))
        .all()
        .get();
    produce(PARTITIONS_LAST);
    awaitProcessed("partitions were added");
    awaitStable(count);
    if (settings.isStatic()) {
      restartOne();
    }
    for (GroupTourMember each : members) {
      each.leave();
    }
    checkEnd();
  }

  /** A static member that is gone for a moment comes back without a rebalance. */
  private void restartOne() throws Exception {
    int before = members.stream().mapToInt(GroupTourMember::rebalances).sum();
    GroupTourMember gone = members.remove(0);
    before -= gone.rebalances();
    gone.crash();
    members.add(new GroupTourMember(settings, gone.instance(), ledger));
    produce(PARTITIONS_LAST);
    awaitProcessed("a static member was restarted");
    int after = members.stream().mapToInt(GroupTourMember::rebalances).sum();
    require(
        after - before == 1, "a static member's restart took " + (after - before) + " callbacks");
  }

  private void join(int count) {
    for (int i = 0; i < count; i++) {
      members.add(new GroupTourMember(settings, nextInstance(), ledger));
    }
  }

  private String nextInstance() {
    return settings.name() + "-instance-" + members.size() + "-" + System.nanoTime();
  }

  private void produce(int partitions) throws Exception {
    List<Future<RecordMetadata>> acks = new ArrayList<>();
    for (int i = 0; i < ROUND; i++) {
      acks.add(
          producer.send(
              new ProducerRecord<>(settings.name(), i % partitions, null, new byte[100])));
    }
    for (Future<RecordMetadata> each : acks) {
      each.get();
    }
    produced += ROUND;
  }

  private void awaitProcessed(String when) {
    long began = System.currentTimeMillis();
    await(
        () -> ledger.processed() >= produced,
        () -> when + ": " + ledger.processed() + " of " + produced);
    print(when + ": " + produced + " processed, " + (System.currentTimeMillis() - began) + " ms");
  }

  private void awaitStable(int count) throws Exception {
    TopicDescription topic =
        admin.describeTopics(List.of(settings.name())).allTopicNames().get().get(settings.name());
    int partitions = Objects.requireNonNull(topic).partitions().size();
    await(
        () -> {
          ConsumerGroupDescription group = describe();
          int assigned =
              group.members().stream()
                  .mapToInt(each -> each.assignment().topicPartitions().size())
                  .sum();
          return is(group, "Stable") && group.members().size() == count && assigned == partitions;
        },
        () -> "not stable: " + describe());
    print("stable with " + count + " members, " + describe().partitionAssignor());
  }

  private void checkEnd() {
    if (settings.isStatic()) {
      return; // they stay members until their sessions end
    }
    await(() -> is(describe(), "Empty"), () -> "not empty: " + describe());
    require(ledger.processed() == produced, "processed " + ledger.processed());
    print("empty");
  }

  /** By what it prints, since the versions have different methods and types for it. */
  private static boolean is(ConsumerGroupDescription group, String state) {
    return group.toString().contains("tate=" + state + ",");
  }

  private ConsumerGroupDescription describe() {
    try {
      return Objects.requireNonNull(
          admin.describeConsumerGroups(List.of(settings.name())).all().get().get(settings.name()));
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  private void await(BooleanSupplier condition, Supplier<String> otherwise) {
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    while (!condition.getAsBoolean()) {
      String failures =
          members.stream()
              .map(GroupTourMember::failure)
              .filter(each -> !each.isEmpty())
              .collect(Collectors.joining("\n"));
      require(failures.isEmpty(), failures);
      require(System.currentTimeMillis() < deadline, otherwise.get());
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  @SuppressWarnings("SystemOut") // a program's output
  private static void print(String line) {
    System.out.println(line);
  }
}

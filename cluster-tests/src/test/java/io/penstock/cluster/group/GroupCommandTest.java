package io.penstock.cluster.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.KafkaTools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operator does with groups by {@code kafka-consumer-groups}, as Kafka publishes it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class GroupCommandTest {

  private static final String TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
  private static final int PARTITIONS = 4;
  private static final long RECORDS = 10;
  private static final int MEMBERS = 2;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private BrokerUnderTest broker;
  private KafkaTools tools;
  private Admin admin;

  @BeforeAll
  void start() {
    broker = BrokerUnderTest.open("group-command");
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    tools = KafkaTools.open();
  }

  @AfterAll
  void stop() {
    tools.close();
    admin.close();
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "CONSUMER"})
  void showsWhoReadsWhatInAnActiveGroupAndLeavesItAlone(Protocol protocol) throws Exception {
    LiveGroup group = readingGroup(protocol, "active");

    assertEquals(List.of("Stable"), column("STATE", groups("--list", "--state"), group.id()));
    List<Map<String, String>> offsets = of(group, "--describe");
    assertEquals(List.of("0", "1", "2", "3"), column("PARTITION", offsets, group.id()));
    assertEquals(List.of("10", "10", "10", "10"), column("CURRENT-OFFSET", offsets, group.id()));
    assertEquals(List.of("10", "10", "10", "10"), column("LOG-END-OFFSET", offsets, group.id()));
    assertEquals(List.of("0", "0", "0", "0"), column("LAG", offsets, group.id()));
    assertEquals(MEMBERS, column("CONSUMER-ID", offsets, group.id()).stream().distinct().count());
    List<Map<String, String>> members = of(group, "--describe", "--members");
    assertEquals(List.of("2", "2"), column("#PARTITIONS", members, group.id()));
    for (String client : column("CLIENT-ID", members, group.id())) {
      assertTrue(client.startsWith(group.id()), client);
    }
    List<Map<String, String>> state = of(group, "--describe", "--state");
    assertEquals(List.of("2"), column("#MEMBERS", state, group.id()));

    String reset = run("--group", group.id(), "--reset-offsets", "--all-topics", "--to-earliest");
    assertTrue(reset.contains("the current state is Stable"), reset);
    String deleted = run("--group", group.id(), "--delete");
    assertTrue(deleted.contains("GroupNotEmptyException"), deleted);
    assertEquals(RECORDS, committed(group, 0));
    group.end();
    assertEquals(List.of(), group.ledger().wrong());
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "CONSUMER"})
  void resetsAndDeletesWhatAnEmptyGroupHasCommitted(Protocol protocol) throws Exception {
    LiveGroup group = readingGroup(protocol, "empty");
    group.end();

    List<Map<String, String>> reset =
        of(group, "--reset-offsets", "--topic", group.topic(), "--to-earliest", "--execute");
    assertEquals(List.of("0", "0", "0", "0"), column("NEW-OFFSET", reset, group.id()));
    assertEquals(0, committed(group, 3));
    String partition = group.topic() + ":1";
    of(group, "--reset-offsets", "--topic", partition, "--shift-by", "7", "--execute");
    List<Map<String, String>> offsets = of(group, "--describe");
    assertEquals(List.of("0", "7", "0", "0"), column("CURRENT-OFFSET", offsets, group.id()));
    assertEquals(List.of("10", "3", "10", "10"), column("LAG", offsets, group.id()));
    assertEquals(List.of("-", "-", "-", "-"), column("CONSUMER-ID", offsets, group.id()));

    run("--group", group.id(), "--delete-offsets", "--topic", partition);
    assertEquals(-1, committed(group, 1));
    assertEquals(0, committed(group, 2));
    String deleted = run("--group", group.id(), "--delete");
    assertTrue(deleted.contains("was successful"), deleted);
    assertFalse(run("--list").lines().toList().contains(group.id()));
  }

  /** A group of two members that have committed everything there is. */
  private LiveGroup readingGroup(Protocol protocol, String name) throws Exception {
    assumeTrue(Protocol.servedBy(admin).contains(protocol), "not served: " + protocol);
    String topic = name + "-" + protocol;
    admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    LiveGroup group = new LiveGroup(broker.bootstrap(), topic, PARTITIONS, protocol);
    for (int i = 0; i < MEMBERS; i++) {
      group.join();
    }
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < PARTITIONS * RECORDS; i++) {
        producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, new byte[10])).get();
      }
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertEquals("", group.unrest());
          assertEquals(PARTITIONS * RECORDS, Arrays.stream(group.ledger().acked()).sum());
        });
    return group;
  }

  private long committed(LiveGroup group, int partition) throws Exception {
    return admin
        .listConsumerGroupOffsets(group.id())
        .partitionsToOffsetAndMetadata()
        .get()
        .entrySet()
        .stream()
        .filter(each -> each.getKey().partition() == partition)
        .mapToLong(each -> each.getValue().offset())
        .findFirst()
        .orElse(-1);
  }

  private List<Map<String, String>> of(LiveGroup group, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--group", group.id()));
    return groups(all.toArray(String[]::new));
  }

  /** The table that the tool prints, sorted by partition. */
  private List<Map<String, String>> groups(String... arguments) {
    String printed = run(arguments);
    List<Map<String, String>> rows = new ArrayList<>();
    List<String> names = List.of();
    for (String line : printed.lines().toList()) {
      List<String> cells = cells(line);
      if (cells.getFirst().equals("GROUP")) {
        names = cells;
      } else if (!names.isEmpty() && cells.size() == names.size()) {
        Map<String, String> row = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
          row.put(names.get(i), cells.get(i));
        }
        rows.add(row);
      }
    }
    assertFalse(rows.isEmpty(), printed);
    return rows;
  }

  /** What a line of a table has; the header has one column of two words. */
  private static List<String> cells(String line) {
    return List.of(line.replace("COORDINATOR (ID)", "COORDINATOR ID").trim().split("\\s+", -1));
  }

  private static List<String> column(String name, List<Map<String, String>> rows, String group) {
    return rows.stream()
        .filter(row -> group.equals(row.get("GROUP")))
        .sorted(Comparator.comparing(row -> row.getOrDefault("PARTITION", "")))
        .map(row -> row.getOrDefault(name, "no such column"))
        .toList();
  }

  private String run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--bootstrap-server", broker.bootstrap()));
    all.addAll(List.of(arguments));
    return tools.run(TOOL, all.toArray(String[]::new));
  }
}

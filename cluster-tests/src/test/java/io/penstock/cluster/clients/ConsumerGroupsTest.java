package io.penstock.cluster.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.cluster.group.Protocol;
import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Consumer groups of both protocols with the clients of others: members come, leave and crash,
 * topics get more partitions, and every record is processed once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class ConsumerGroupsTest {
  private static final String ASSIGNORS = "org.apache.kafka.clients.consumer.";
  private static final int LINES = 2000;

  private BrokerUnderTest broker;

  @BeforeAll
  void start() {
    broker = BrokerUnderTest.open("consumer-groups");
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({
    "kafka-current, 10, CooperativeStickyAssignor, static",
    "kafka-clients-old, 2, RangeAssignor, dynamic",
  })
  void eachRecordIsProcessedOnce(String jarsOf, int members, String assignor, String kind) {
    tour(jarsOf, members, assignor, kind);
  }

  @ParameterizedTest
  @EnabledIfSystemProperty(named = "penstock.cluster.long", matches = "true")
  @CsvSource({
    "kafka-current, 2, RangeAssignor, dynamic",
    "kafka-current, 10, CooperativeStickyAssignor, dynamic",
    "kafka-current, 10, RangeAssignor, static",
    "kafka-clients-old, 10, RangeAssignor, dynamic",
    "kafka-clients-old, 2, CooperativeStickyAssignor, dynamic",
  })
  void soItIsWithEveryAssignorAndKindOfMember(
      String jarsOf, int members, String assignor, String kind) {
    tour(jarsOf, members, assignor, kind);
  }

  @Test
  void soItIsWhereTheCoordinatorAssigns() throws Exception {
    tourOfTheConsumerProtocol(2, "dynamic");
  }

  @ParameterizedTest
  @EnabledIfSystemProperty(named = "penstock.cluster.long", matches = "true") // sessions of 45 s
  @CsvSource({"10, dynamic", "10, static"})
  void soItIsWhereTheCoordinatorAssignsToMany(int members, String kind) throws Exception {
    tourOfTheConsumerProtocol(members, kind);
  }

  private void tourOfTheConsumerProtocol(int members, String kind) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      assumeTrue(Protocol.servedBy(admin).contains(Protocol.CONSUMER), "no group.version");
    }
    tour("kafka-current", members, "consumer", kind);
  }

  private void tour(String jarsOf, int members, String assignor, String kind) {
    Path jars = Path.of("target", jarsOf).toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(jars + "/*:" + Path.of("target", "test-classes").toAbsolutePath());
    command.add(GroupTour.class.getName());
    command.add(broker.bootstrap());
    command.add("group-tour-" + System.nanoTime());
    command.add(Integer.toString(members));
    command.add(assignor.equals("consumer") ? assignor : ASSIGNORS + assignor);
    command.add(kind);

    Command program = Command.run(240, command.toArray(String[]::new));

    assertEquals(0, program.exitCode(), program::output);
  }

  @Test
  void kcatReadsAsAMemberAndGoesOnWhereItHasCommitted() throws IOException {
    Clients.assumeInstalled("kcat");
    String topic = "kcat-group-" + System.nanoTime();
    produceLines(topic);

    assertEquals(lines(), sorted(kcatMember(topic)));
    assertEquals(List.of(), sorted(kcatMember(topic)));
    produceLines(topic);
    assertEquals(lines(), sorted(kcatMember(topic)));
  }

  private Command kcatMember(String topic) {
    return kcat(null, "-G", topic, "-X", "auto.offset.reset=earliest", "-e", "-q", topic);
  }

  private void produceLines(String topic) throws IOException {
    Path file = Files.createTempFile("kcat-group", ".txt");
    Files.write(file, lines());
    kcat(file, "-P", "-t", topic);
    Files.delete(file);
  }

  private static List<String> lines() {
    return IntStream.range(0, LINES).mapToObj(i -> "value " + i).sorted().toList();
  }

  private static List<String> sorted(Command read) {
    return read.output().lines().sorted().collect(Collectors.toList());
  }

  private Command kcat(@Nullable Path input, String... arguments) {
    List<String> command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrap()));
    command.addAll(List.of(arguments));
    Command ended = Command.run(60, input, command.toArray(String[]::new));
    assertEquals(0, ended.exitCode(), ended::output);
    return ended;
  }

  @Test
  void kafkaJsMembersComeAndLeave() {
    KafkaJs.install();

    KafkaJs.run(120, "group.js", broker.bootstrap(), "kafkajs-group-" + System.nanoTime());
  }

  @Test
  void kafkaPythonMembersComeAndLeave() {
    KafkaPython.assumeInstalled();

    KafkaPython.run(120, "group.py", broker.bootstrap(), "kafka-python-group-" + System.nanoTime());
  }
}

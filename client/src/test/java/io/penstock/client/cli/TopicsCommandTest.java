package io.penstock.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.client.InMemoryTopics;
import io.penstock.client.net.FakeBroker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** What a person types, sees, and what a script gets back. */
@Timeout(60)
class TopicsCommandTest {

  private final FakeBroker broker = new FakeBroker();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void serveTopics() {
    InMemoryTopics.serve(broker);
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void createsListsDescribesAndDeletes() {
    assertEquals(0, run("create", "orders", "-p", "2", "--config", "retention.ms=5"));
    assertEquals("created orders\n", takeOut());

    assertEquals(0, run("create", "a-topic-with-a-long-name"));
    takeOut();
    assertEquals(0, run("list"));
    assertEquals(
        """
        TOPIC                     PARTITIONS  REPLICAS  IN SYNC
        a-topic-with-a-long-name           1         1        1
        orders                             2         1        1
        """,
        takeOut());

    assertEquals(0, run("describe", "orders"));
    assertEquals(
        """
        orders
          id          AAAAAAAAAAcAAAAAAAAAAQ
          partitions  2
          replicas    1
          durability  acks=all: acknowledged as soon as the only replica has the record. There
                      is no second copy: losing that disk loses the record.
                      The ack does not wait for the disk: the record survives the process, but
                      a power failure can take the last records.

          SETTING       VALUE  SET BY
          retention.ms  5      this topic

          PARTITION  LEADER  EPOCH  REPLICAS  IN SYNC
                  0       1      0  1         1
                  1       1      0  1         1
        """,
        takeOut());

    assertEquals(0, run("delete", "orders", "a-topic-with-a-long-name"));
    assertEquals("deleted orders\ndeleted a-topic-with-a-long-name\n", takeOut());
    assertEquals(0, run("list"));
    assertEquals("no topics yet; 'penstock topics create NAME' makes one\n", takeOut());
  }

  @Test
  void internalTopicsAreListedOnDemand() {
    run("create", "__consumer_offsets");
    takeOut();

    assertEquals(0, run("list"));
    assertTrue(takeOut().startsWith("no topics yet"));
    assertEquals(0, run("list", "--internal"));
    assertTrue(takeOut().contains("__consumer_offsets"));
  }

  @Test
  void jsonIsForScripts() throws Exception {
    assertEquals(0, run("create", "orders", "--json"));
    assertEquals("AAAAAAAAAAcAAAAAAAAAAQ", takeJson().get("id").asText());
    assertEquals(0, run("list", "--json"));
    assertEquals("orders", takeJson().get(0).get("name").asText());
    assertEquals(0, run("describe", "orders", "--json"));
    JsonNode described = takeJson().get(0);
    assertEquals(1, described.get("partitions").get(0).get("leader").asInt());
    assertTrue(described.get("durability").get(0).asText().startsWith("acks=all"));
    assertEquals(0, run("delete", "orders", "--json"));
    assertEquals("orders", takeJson().get("deleted").get(0).asText());
  }

  @Test
  void refusalsGoToStandardErrorWithWhatToDo() {
    run("create", "orders");
    takeOut();

    assertEquals(1, run("create", "orders"));
    assertEquals("", takeOut());
    assertTrue(err.toString().contains("choose another name"), err.toString());
    assertEquals(0, run("create", "orders", "--if-not-exists"));
    assertEquals("orders exists already\n", takeOut());

    assertEquals(1, run("describe", "nope"));
    assertTrue(err.toString().contains("there is no such topic"), err.toString());
    assertEquals(1, run("delete", "nope", "orders"));
    assertEquals("deleted orders\n", takeOut());
    assertEquals(0, run("delete", "nope", "--if-exists"));
  }

  @Test
  void withoutACommandNamesThoseThatThereAre() {
    assertEquals(2, execute(List.of()));
    assertTrue(
        err.toString().contains("topics needs one of: create, list, describe, delete"),
        err.toString());
  }

  @Test
  void brokerThatIsNotThereIsAFailureWithARemedy() {
    broker.close();

    assertEquals(1, run("list"));
    assertTrue(err.toString().contains(address), err.toString());
    assertTrue(err.toString().contains("penstock dev"), err.toString());
  }

  @Test
  void silentBrokerIsWaitedForNoLongerThanAllowed() {
    broker.on(ApiKeys.METADATA, e -> {});

    assertEquals(1, run("list", "--timeout", "1"));
    assertTrue(err.toString().contains("--timeout"), err.toString());
  }

  @Test
  void wrongUsageIsExitCodeTwo() {
    assertEquals(2, run("create"));
    assertEquals(2, run("create", "t", "-p", "0"));
    assertEquals(2, run("create", "t", "-c", "no-equals-sign"));
    assertEquals(2, run("list", "--timeout", "0"));
    assertEquals(2, run("list", "--bootstrap", "::1:9092"));
    assertEquals(0, execute(List.of("create", "--help")));
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--bootstrap")) {
      all.addAll(List.of("--bootstrap", address));
    }
    return execute(all);
  }

  private final String address = broker.endpoint().toString();

  private int execute(List<String> arguments) {
    return new CommandLine(new TopicsCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments.toArray(new String[0]));
  }

  private String takeOut() {
    String text = out.toString().replace(System.lineSeparator(), "\n");
    out.getBuffer().setLength(0);
    return text;
  }

  private JsonNode takeJson() throws Exception {
    return new ObjectMapper().readTree(takeOut());
  }
}

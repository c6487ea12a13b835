package io.penstock.cluster.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.process.BrokerUnderTest;
import io.penstock.cluster.process.Command;
import io.penstock.cluster.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, and with it librdkafka: a client written from the protocol, not from Kafka's code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class KcatTest {
  private static final int LINES = 2000;
  private BrokerUnderTest broker;

  @BeforeAll
  void start() {
    Clients.assumeInstalled("kcat");
    broker = BrokerUnderTest.open("kcat");
  }

  @AfterAll
  void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void readsBackWhatItWrote(String codec) throws IOException {
    Path input = lines();
    String topic = topic(codec);

    run(input, "-P", "-t", topic, "-p", "0", "-z", codec, "-K:", "-H", "trace=1");
    Command read =
        run(null, "-C", "-t", topic, "-p", "0", "-o", "beginning", "-e", "-q", "-f", "%k:%s\n");

    assertEquals(Files.readString(input), read.output());
  }

  @Test
  void readsFromAnOffsetTheEndAndATimestamp() throws IOException {
    String topic = topic("positions");
    run(lines(), "-P", "-t", topic, "-p", "0", "-K:");

    Command fromOffset = run(null, "-C", "-t", topic, "-p", "0", "-o", "1990", "-e", "-q");
    Command lastTen = run(null, "-C", "-t", topic, "-p", "0", "-o", "-10", "-e", "-q");
    Command sinceEpoch =
        run(null, "-C", "-t", topic, "-p", "0", "-o", "s@1", "-e", "-q", "-c", "1");

    assertEquals(expected(1990), fromOffset.output());
    assertEquals(expected(1990), lastTen.output());
    assertEquals("value 0\n", sinceEpoch.output());
  }

  @Test
  void listsTheTopicAndItsLeader() throws IOException {
    String topic = topic("listed");
    run(lines(), "-P", "-t", topic, "-p", "0", "-K:");

    Command list = run(null, "-L", "-t", topic);

    assertTrue(list.output().contains("topic \"" + topic + "\""), list.output());
    assertTrue(list.output().contains("partition 0, leader"), list.output());
  }

  private static String expected(int from) {
    return IntStream.range(from, LINES)
        .mapToObj(i -> "value " + i + "\n")
        .collect(Collectors.joining());
  }

  private static Path lines() throws IOException {
    Path file = Files.createTempFile(Distribution.scratch("kcat"), "input", ".txt");
    String text =
        IntStream.range(0, LINES)
            .mapToObj(i -> "key" + i % 17 + ":value " + i + "\n")
            .collect(Collectors.joining());
    return Files.write(file, text.getBytes(UTF_8));
  }

  private static String topic(String name) {
    return "kcat-" + name + "-" + System.nanoTime();
  }

  private Command run(@Nullable Path input, String... arguments) {
    String[] command = new String[arguments.length + 3];
    command[0] = "kcat";
    command[1] = "-b";
    command[2] = broker.bootstrap();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    Command ended = Command.run(60, input, command);
    assertEquals(0, ended.exitCode(), ended::output);
    return ended;
  }
}

package io.penstock.cluster.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Apache Kafka's command line tools, the newest that are published, as their scripts run them. */
public final class KafkaTools {
  private static final int SECONDS_MAX = 120;

  private KafkaTools() {}

  /** Runs the tool whose class this is to its end. */
  public static Command run(String tool, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    // What the tools of that version need of others is there with the current one.
    command.addAll(List.of("-cp", jars("kafka-tools") + ":" + jars("kafka-current"), tool));
    command.addAll(List.of(arguments));
    return Command.run(SECONDS_MAX, command.toArray(String[]::new));
  }

  private static String jars(String directory) {
    return Path.of("target", directory).toAbsolutePath() + "/*";
  }
}

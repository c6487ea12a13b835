package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.ConfigValue;
import io.penstock.client.DurabilityContract;
import io.penstock.client.PartitionDescription;
import io.penstock.client.TopicDescription;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock topics describe}. */
@Command(
    name = "describe",
    description =
        "Show where topics live, how their settings differ from the defaults, and what an"
            + " acknowledged record of theirs survives.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:described", "1:failed, or no such topic", "2:wrong usage"})
final class DescribeTopicsCommand implements Callable<Integer> {

  private static final String INDENT = "  ";
  private static final int TEXT_COLUMNS = 72;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The topics.")
  private List<String> names = new ArrayList<>();

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::describe);
  }

  private int describe(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Set<String> asked = new LinkedHashSet<>(names);
    List<TopicDescription> topics = connection.await(admin.describeTopics(asked));
    Map<String, List<ConfigValue>> configs = connection.await(admin.topicConfigs(asked));
    if (connection.json()) {
      Json.print(out, topics.stream().map(t -> Json.details(t, configsOf(t, configs))).toList());
      return ExitCode.OK;
    }
    String separator = "";
    for (TopicDescription topic : topics) {
      out.print(separator);
      print(out, topic, configsOf(topic, configs));
      separator = System.lineSeparator();
    }
    out.flush();
    return ExitCode.OK;
  }

  private static List<ConfigValue> configsOf(
      TopicDescription topic, Map<String, List<ConfigValue>> configs) {
    return configs.getOrDefault(topic.name(), List.of());
  }

  private static void print(PrintWriter out, TopicDescription topic, List<ConfigValue> configs) {
    out.println(topic.name() + (topic.internal() ? " (internal)" : ""));
    out.println(INDENT + "id          " + Json.id(topic.id()));
    out.println(INDENT + "partitions  " + topic.partitions().size());
    out.println(INDENT + "replicas    " + topic.replicationFactor());
    String label = "durability  ";
    for (String sentence : DurabilityContract.words(topic, configs)) {
      for (String line : wrapped(sentence)) {
        out.println(INDENT + label + line);
        label = " ".repeat(label.length());
      }
    }
    List<ConfigValue> changed = configs.stream().filter(c -> !c.isDefault()).toList();
    if (changed.isEmpty()) {
      out.println(INDENT + "settings    all at their defaults");
    } else {
      out.println();
      printSettings(out, changed);
    }
    out.println();
    printPartitions(out, topic);
  }

  private static List<String> wrapped(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > TEXT_COLUMNS) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private static void printSettings(PrintWriter out, List<ConfigValue> changed) {
    Table settings = new Table("SETTING", "VALUE", "SET BY");
    for (ConfigValue config : changed) {
      String value = config.value();
      settings.row(config.name(), value == null ? "" : value, config.source().words());
    }
    settings.print(out, INDENT);
  }

  private static void printPartitions(PrintWriter out, TopicDescription topic) {
    Table partitions = new Table("PARTITION", "LEADER", "EPOCH", "REPLICAS", "IN SYNC");
    for (PartitionDescription partition : topic.partitions()) {
      Object leader = partition.leader() < 0 ? "none" : (Object) partition.leader();
      partitions.row(
          partition.index(),
          leader,
          partition.leaderEpoch(),
          nodes(partition.replicas()),
          nodes(partition.inSync()));
    }
    partitions.print(out, INDENT);
  }

  private static String nodes(List<Integer> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}

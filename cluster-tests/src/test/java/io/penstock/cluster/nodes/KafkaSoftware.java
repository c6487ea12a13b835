package io.penstock.cluster.nodes;

import io.penstock.cluster.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Apache Kafka, from the directory of jars that {@code penstock.cluster.kafka} names; each node is
 * broker and controller, with Kafka's defaults but for what {@code penstock.cluster.kafka.settings}
 * says, as {@code name=value,name=value}. A wiped node is formatted again at its next start.
 */
final class KafkaSoftware implements NodeSoftware {
  private static final String JARS = System.getProperty("penstock.cluster.kafka", "");
  private static final String SETTINGS = System.getProperty("penstock.cluster.kafka.settings", "");
  private static final String CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk";
  private static final int BROKERS = 0;
  private static final int CONTROLLERS = 1;
  private static final int ANSWER_MS_MAX = 1_000;

  static boolean isChosen() {
    return !JARS.isEmpty();
  }

  @Override
  public int links() {
    return 2;
  }

  @Override
  public void configure(Plan plan) throws IOException {
    TestNode node = plan.node();
    Link brokers = plan.links().get(BROKERS);
    Link controllers = plan.links().get(CONTROLLERS);
    String clients = "PLAINTEXT://" + node.bootstrap();
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "process.roles=broker,controller",
            "node.id=" + node.id(),
            "broker.rack=r" + node.id(),
            "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector",
            "controller.quorum.voters=" + voters(plan),
            "listeners="
                + clients
                + (",PEER://127.0.0.1:" + brokers.listens())
                + (",CONTROLLER://127.0.0.1:" + controllers.listens()),
            "advertised.listeners="
                + clients
                + (",PEER://127.0.0.1:" + brokers.reached())
                + (",CONTROLLER://127.0.0.1:" + controllers.reached()),
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=PEER",
            "listener.security.protocol.map="
                + "PLAINTEXT:PLAINTEXT,PEER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs=" + node.data()));
    if (!SETTINGS.isEmpty()) {
      lines.addAll(List.of(SETTINGS.split(",", -1)));
    }
    Files.write(node.configuration(), lines);
  }

  private static String voters(Plan plan) {
    return plan.voters().entrySet().stream()
        .map(one -> one.getKey() + "@127.0.0.1:" + one.getValue().get(CONTROLLERS).reached())
        .collect(Collectors.joining(","));
  }

  @Override
  public List<String> command(TestNode node) {
    String settings = node.configuration().toString();
    if (!Files.exists(node.data().resolve("meta.properties"))) {
      List<String> format = new ArrayList<>(java("kafka.tools.StorageTool", "format"));
      format.addAll(List.of("--cluster-id", CLUSTER_ID, "--config", settings));
      Command done = Command.run(120, format.toArray(String[]::new));
      if (done.exitCode() != 0) {
        throw new IllegalStateException("Kafka does not format its directory: " + done.output());
      }
    }
    return java("kafka.Kafka", settings);
  }

  private static List<String> java(String mainClass, String argument) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return List.of(java, "-Xmx1g", "-XX:+UseG1GC", "-cp", JARS + "/*", mainClass, argument);
  }

  @Override
  public boolean isUp(TestNode node) {
    if (!node.isAlive()) {
      return false;
    }
    try (NodeView view = new NodeView(node, ANSWER_MS_MAX)) {
      return view.livingBrokers().contains(node.id());
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public List<NodeView.Group> groups() {
    return List.of(NodeView.Group.LEADERSHIP);
  }

  @Override
  public void replaceVoter(TestNode wiped, TestNode asked) {
    // A voter of Kafka's is known by its id alone, and votes again at once.
  }
}

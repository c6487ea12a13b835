package io.penstock.node;

import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.dev.DevCluster;
import io.penstock.node.dev.DevException;
import io.penstock.node.dev.DevLayout;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code penstock dev}: a cluster on this machine, with defaults for everything. One node is this
 * process; with {@code --nodes} each is a process of its own.
 */
@Command(name = "dev", description = "Start a cluster on this machine and print how to reach it.")
public final class DevCommand implements Callable<Integer> {

  static final String PORT = "9092";
  static final String DATA = "penstock-data";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = PORT,
      description =
          "Port on 127.0.0.1, of the first node where there are several; 0 chooses free ones"
              + " (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description =
          "Run N nodes as processes on PORT, PORT+1, …. Their configurations are written to"
              + " DIR/node<i>/penstock.yaml; DIR/nodes has a line `pid nodeId port` for each that"
              + " runs. Topics have three replicas where they are created without saying how many,"
              + " or N where that is less.")
  private @Nullable Integer nodes;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = DATA,
      description = "Where records are kept and found again (default: ./${DEFAULT-VALUE}).")
  private Path data = Path.of(DATA);

  @Option(
      names = "--adopt-kafka-data",
      description = "Take over the topics that a stopped Kafka broker left in DIR.")
  private boolean adoptKafkaData;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec != null && (port < 0 || port > 65_535)) {
      throw new ParameterException(spec.commandLine(), "--port has to be from 0 to 65535");
    }
    if (nodes != null) {
      return runSeveral(nodes);
    }
    return runOne(port, data, adoptKafkaData);
  }

  static int runOne(int port, Path data, boolean adoptKafkaData) {
    NodeConfig config =
        NodeConfig.defaults(data, new HostPort("127.0.0.1", port))
            .onAnyPeerPort()
            .withAdminPort(new HostPort("127.0.0.1", 0))
            .withoutRebalanceDelay();
    return new NodeProcess(adoptKafkaData ? config.adoptingKafkaData() : config)
        .run(System.out, System.err);
  }

  private int runSeveral(int count) {
    if (spec != null && (count < 1 || count > DevLayout.NODES_MAX)) {
      throw new ParameterException(
          spec.commandLine(), "--nodes has to be from 1 to " + DevLayout.NODES_MAX);
    }
    if (spec != null && adoptKafkaData) {
      throw new ParameterException(
          spec.commandLine(), "--adopt-kafka-data is for one node; leave --nodes out");
    }
    try {
      DevLayout layout = DevLayout.plan(data, count, port);
      DevCluster cluster = new DevCluster(layout, SelfCommand.penstock(), System.out, System.err);
      AtomicBoolean ended = new AtomicBoolean();
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("penstock-stop")
                  .unstarted(() -> stopUnless(ended, cluster)));
      try {
        return cluster.run();
      } finally {
        ended.set(true);
      }
    } catch (DevException e) {
      System.err.println("penstock: " + e.getMessage());
      return 1;
    }
  }

  /** On a signal the exit code tells how the nodes stopped; the JVM alone would say 143. */
  private static void stopUnless(AtomicBoolean ended, DevCluster cluster) {
    if (!ended.get()) {
      Runtime.getRuntime().halt(cluster.stop());
    }
  }
}

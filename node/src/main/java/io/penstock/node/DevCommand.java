package io.penstock.node;

import io.penstock.node.config.HostPort;
import io.penstock.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock dev}: a cluster of one node on this machine, with defaults for everything. */
@Command(
    name = "dev",
    description = "Start a single-node cluster on this machine and print how to reach it.")
public final class DevCommand implements Callable<Integer> {

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "Port on 127.0.0.1; 0 chooses a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "penstock-data",
      description = "Where records are kept and found again (default: ./${DEFAULT-VALUE}).")
  private Path data = Path.of("penstock-data");

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
    NodeConfig config = NodeConfig.defaults(data, new HostPort("127.0.0.1", port)).onAnyPeerPort();
    return new NodeProcess(adoptKafkaData ? config.adoptingKafkaData() : config)
        .run(System.out, System.err);
  }
}

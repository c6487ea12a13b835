package io.penstock.node;

import io.penstock.node.config.ConfigException;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.config.NodeConfigReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock server}: the node that a configuration file describes. */
@Command(name = "server", description = "Start the node that a configuration file describes.")
public final class ServerCommand implements Callable<Integer> {

  private static final int BAD_CONFIG = 2;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "The node's penstock.yaml.")
  private Path file = Path.of("penstock.yaml");

  @Option(
      names = "--until-input-ends",
      hidden = true, // for the process that starts this one, which may be gone without a word
      description = "Stop when the standard input ends.")
  private boolean untilInputEnds;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() {
    return run(file, untilInputEnds);
  }

  static int run(Path file, boolean untilInputEnds) {
    NodeConfig config;
    try {
      config = NodeConfigReader.read(file);
    } catch (ConfigException e) {
      e.problems().forEach(System.err::println);
      return BAD_CONFIG;
    }
    if (untilInputEnds) {
      Thread.ofPlatform().name("penstock-input").daemon().start(ServerCommand::stopAtEndOfInput);
    }
    return new NodeProcess(config, untilInputEnds).run(System.out, System.err);
  }

  private static void stopAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // Nobody has anything to say; only the end counts.
      }
    } catch (IOException closed) {
      // As good as its end.
    }
    System.exit(0);
  }
}

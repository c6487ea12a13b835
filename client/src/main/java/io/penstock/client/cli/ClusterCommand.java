package io.penstock.client.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock cluster}: the commands about nodes and voters, and nothing without one. */
@Command(
    name = "cluster",
    description = "Show how the cluster is, and change who votes.",
    subcommands = {ClusterStatusCommand.class, VotersCommand.class})
public final class ClusterCommand implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli sets it and acts on it
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "cluster needs one of: status, voters");
    }
  }
}

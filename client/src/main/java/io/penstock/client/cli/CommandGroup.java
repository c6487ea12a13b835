package io.penstock.client.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has others under it: called without one of them, it names them. */
abstract class CommandGroup implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli sets it and acts on it
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public final void run() {
    if (spec != null) {
      String names = String.join(", ", spec.subcommands().keySet());
      throw new ParameterException(spec.commandLine(), spec.name() + " needs one of: " + names);
    }
  }
}

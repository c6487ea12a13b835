package io.penstock.client.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock cluster voters}: the commands that change who votes, and nothing without one. */
@Command(
    name = "voters",
    description = {
      "Change which nodes vote on what the cluster agrees on, one at a time.",
      "A change is refused where the voters that are alive afterwards would be no majority."
    },
    subcommands = {AddVoterCommand.class, RemoveVoterCommand.class, ReplaceVoterCommand.class})
final class VotersCommand implements Runnable {

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
      throw new ParameterException(spec.commandLine(), "voters needs one of: add, remove, replace");
    }
  }
}

package io.penstock.client.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock topics}: the commands about topics, and nothing without one of them. */
@Command(
    name = "topics",
    description = "Create, list, describe and delete topics.",
    subcommands = {
      CreateTopicCommand.class,
      ListTopicsCommand.class,
      DescribeTopicsCommand.class,
      DeleteTopicsCommand.class
    })
public final class TopicsCommand implements Runnable {

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
      throw new ParameterException(
          spec.commandLine(), "topics needs one of: create, list, describe, delete");
    }
  }
}

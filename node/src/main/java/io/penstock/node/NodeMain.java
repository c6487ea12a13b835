package io.penstock.node;

import io.penstock.client.cli.ClusterCommand;
import io.penstock.client.cli.TopicsCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code penstock} command: the node itself, and the commands for people. */
@Command(
    name = "penstock",
    description = "A distributed, replicated log broker that speaks the Kafka protocol.",
    versionProvider = NodeMain.Version.class,
    subcommands = {
      DevCommand.class,
      ServerCommand.class,
      TopicsCommand.class,
      ClusterCommand.class
    })
public final class NodeMain implements Runnable {

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  public static void main(String[] arguments) {
    PlainStart start = PlainStart.of(arguments);
    if (start == null) {
      System.exit(new CommandLine(new NodeMain()).execute(arguments));
    } else {
      StartAhead.begin();
      System.exit(start.run());
    }
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "what should it do? Name a command");
    }
  }

  /** The version of the jar that this class is in. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = NodeMain.class.getPackage().getImplementationVersion();
      return new String[] {"penstock " + (version == null ? "(development build)" : version)};
    }
  }
}

package io.penstock.client.cli;

import io.penstock.client.Admin;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code penstock cluster voters add}. */
@Command(
    name = "add",
    description = "Give a node a vote. It has to run, and to be in the cluster as an observer.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it votes", "1:failed", "2:wrong usage"})
final class AddVoterCommand implements Callable<Integer> {

  @Mixin private VoterArguments voter = new VoterArguments();

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::add);
  }

  private int add(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    connection.await(admin.addVoter(voter.id, voter.directoryId));
    PrintWriter out = spec.commandLine().getOut();
    if (connection.json()) {
      Json.print(out, Map.of("added", voter.id));
      return ExitCode.OK;
    }
    out.println("node " + voter.id + " votes");
    out.flush();
    return ExitCode.OK;
  }
}

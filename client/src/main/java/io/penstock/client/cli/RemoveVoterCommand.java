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

/** {@code penstock cluster voters remove}. */
@Command(
    name = "remove",
    description = "Take a node's vote. It goes on as an observer if it runs.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it does not vote any more", "1:failed", "2:wrong usage"})
final class RemoveVoterCommand implements Callable<Integer> {

  @Mixin private VoterArguments voter = new VoterArguments();

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::remove);
  }

  private int remove(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    connection.await(admin.removeVoter(voter.id, voter.directoryId));
    PrintWriter out = spec.commandLine().getOut();
    if (connection.json()) {
      Json.print(out, Map.of("removed", voter.id));
      return ExitCode.OK;
    }
    out.println("node " + voter.id + " does not vote any more");
    out.flush();
    return ExitCode.OK;
  }
}

package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.AdminException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock topics delete}: every topic that can be deleted is, and the rest is named. */
@Command(
    name = "delete",
    description = "Delete topics and all their records.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all deleted", "1:at least one was not", "2:wrong usage"})
final class DeleteTopicsCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The topics.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--if-exists", description = "Succeed where a topic does not exist.")
  private boolean ifExists;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::delete);
  }

  private int delete(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<String> deleted = new ArrayList<>();
    int exitCode = ExitCode.OK;
    Map<String, CompletableFuture<Void>> answers = admin.deleteTopics(new LinkedHashSet<>(names));
    for (Map.Entry<String, CompletableFuture<Void>> answer : answers.entrySet()) {
      try {
        connection.await(answer.getValue());
        deleted.add(answer.getKey());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof AdminException refusal)) {
          throw e;
        }
        if (!ifExists || refusal.error() != Errors.UNKNOWN_TOPIC_OR_PARTITION) {
          err.println("penstock: " + ConnectionOptions.explain(refusal));
          exitCode = ExitCode.SOFTWARE;
        }
      }
    }
    if (connection.json()) {
      Json.print(out, Map.of("deleted", deleted));
    } else {
      deleted.forEach(name -> out.println("deleted " + name));
    }
    out.flush();
    err.flush();
    return exitCode;
  }
}

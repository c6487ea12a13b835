package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.TopicDescription;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code penstock topics list}. */
@Command(
    name = "list",
    description = "List the topics.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:listed", "1:failed", "2:wrong usage"})
final class ListTopicsCommand implements Callable<Integer> {

  @Option(names = "--internal", description = "Also those that the cluster keeps for itself.")
  private boolean internal;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::list);
  }

  private int list(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<TopicDescription> topics =
        connection.await(admin.listTopics()).stream()
            .filter(topic -> internal || !topic.internal())
            .toList();
    if (connection.json()) {
      Json.print(out, topics.stream().map(Json::summary).toList());
      return ExitCode.OK;
    }
    if (topics.isEmpty()) {
      out.println("no topics yet; 'penstock topics create NAME' makes one");
    } else {
      Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS", "IN SYNC");
      for (TopicDescription topic : topics) {
        table.row(
            topic.name(), topic.partitions().size(), topic.replicationFactor(), topic.inSyncMin());
      }
      table.print(out, "");
    }
    out.flush();
    return ExitCode.OK;
  }
}

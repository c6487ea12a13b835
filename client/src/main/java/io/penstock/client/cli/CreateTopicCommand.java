package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.AdminException;
import io.penstock.client.NewTopic;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock topics create}. */
@Command(
    name = "create",
    description = "Create a topic.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:created", "1:failed", "2:wrong usage"})
final class CreateTopicCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name = "";

  @Option(
      names = {"-p", "--partitions"},
      paramLabel = "N",
      description = "How many partitions; otherwise as the cluster is set (num.partitions).")
  private int partitions = NewTopic.CLUSTER_DEFAULT;

  @Option(
      names = {"-r", "--replication-factor"},
      paramLabel = "N",
      description =
          "On how many brokers each partition lies; otherwise as the cluster is set"
              + " (default.replication.factor).")
  private short replicationFactor = NewTopic.CLUSTER_DEFAULT;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "KEY=VALUE",
      description = "A setting of the topic, as in retention.ms=3600000; may be repeated.")
  private Map<String, String> configs = new LinkedHashMap<>();

  @Option(names = "--if-not-exists", description = "Succeed where the topic exists already.")
  private boolean ifNotExists;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    checkPositive("--partitions", partitions);
    checkPositive("--replication-factor", replicationFactor);
    return connection.withAdmin(spec, this::create);
  }

  private int create(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    boolean created = true;
    UUID id = new UUID(0, 0);
    try {
      id =
          connection.await(
              admin.createTopic(new NewTopic(name, partitions, replicationFactor, configs)));
    } catch (ExecutionException e) {
      if (!ifNotExists
          || !(e.getCause() instanceof AdminException refusal)
          || refusal.error() != Errors.TOPIC_ALREADY_EXISTS) {
        throw e;
      }
      created = false;
    }
    if (connection.json()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("name", name);
      result.put("created", created);
      if (created) {
        result.put("id", Json.id(id));
      }
      Json.print(out, result);
      return ExitCode.OK;
    }
    out.println(created ? "created " + name : name + " exists already");
    out.flush();
    return ExitCode.OK;
  }

  private void checkPositive(String option, int value) {
    if (value != NewTopic.CLUSTER_DEFAULT && value < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " must be at least 1, not " + value);
    }
  }
}

package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.ClusterDescription.Broker;
import io.penstock.client.ClusterStatus;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import io.penstock.client.net.Endpoint;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code penstock cluster status}. */
@Command(
    name = "status",
    description = {
      "Show the nodes, who decides, how far everybody follows, and how partitions are.",
      "What is not healthy is named on standard error, a line each."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:healthy", "1:no answer", "2:wrong usage", "3:not healthy"})
final class ClusterStatusCommand implements Callable<Integer> {

  private static final int NOT_HEALTHY = 3;
  private static final String INDENT = "  ";

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::show);
  }

  private int show(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    ClusterStatus status = connection.await(admin.clusterStatus());
    List<String> problems = status.problems();
    PrintWriter out = spec.commandLine().getOut();
    if (connection.json()) {
      Json.print(out, ClusterJson.of(status));
    } else {
      print(out, status);
      out.println(problems.isEmpty() ? "healthy" : "not healthy");
      out.flush();
    }
    PrintWriter err = spec.commandLine().getErr();
    problems.forEach(problem -> err.println("penstock: not healthy: " + problem));
    err.flush();
    return problems.isEmpty() ? ExitCode.OK : NOT_HEALTHY;
  }

  private static void print(PrintWriter out, ClusterStatus status) {
    out.println("cluster " + status.cluster().clusterId());
    out.println();
    Table nodes = new Table("NODE", "ADDRESS", "PEERS AT", "RACK", "STATE", "ROLE");
    for (Broker broker : status.cluster().brokers()) {
      Endpoint peer = status.quorum().addresses().get(broker.id());
      String rack = broker.rack();
      nodes.row(
          broker.id(),
          broker.address(),
          peer == null ? "" : peer,
          rack == null ? "" : rack,
          broker.fenced() ? "fenced" : "up",
          role(broker.id(), status));
    }
    nodes.print(out, "");
    for (Group group : status.quorum().groups()) {
      out.println();
      printGroup(out, group, status.askedAtMs());
    }
    out.println();
    out.println(
        status.partitions().topics()
            + " topics, "
            + status.partitions().partitions()
            + " partitions: "
            + status.partitions().underReplicated()
            + " under-replicated, "
            + status.partitions().offline()
            + " offline");
    out.println();
  }

  /** By the first group; the other one has the same voters but for moments. */
  static String role(int nodeId, ClusterStatus status) {
    Group group = status.quorum().leadership();
    if (!group.hasLeader()) {
      return "unknown";
    }
    return group.voters().stream().anyMatch(voter -> voter.nodeId() == nodeId)
        ? "voter"
        : "observer";
  }

  private static void printGroup(PrintWriter out, Group group, long nowMs) {
    if (!group.hasLeader()) {
      out.println(group.name() + ": no leader");
      return;
    }
    out.println(
        group.name()
            + ": leader "
            + group.leaderId()
            + ", epoch "
            + group.leaderEpoch()
            + ", committed "
            + group.committed());
    Table members = new Table("NODE", "ROLE", "LAG", "HEARD OF", "DIRECTORY");
    for (Member voter : group.voters()) {
      String role = voter.nodeId() == group.leaderId() ? "leader" : "voter";
      addMember(members, group, voter, role, nowMs);
    }
    for (Member observer : group.observers()) {
      addMember(members, group, observer, "observer", nowMs);
    }
    members.print(out, INDENT);
  }

  private static void addMember(
      Table members, Group group, Member member, String role, long nowMs) {
    long lag = group.lag(member);
    members.row(
        member.nodeId(),
        role,
        lag < 0 ? (Object) "unknown" : (Object) lag,
        ago(group.silentMs(member, nowMs)),
        Json.id(member.directoryId()));
  }

  private static String ago(long ms) {
    if (ms < 0) {
      return "never";
    }
    return ms < 1_000 ? ms + " ms ago" : ms / 1_000 + " s ago";
  }
}

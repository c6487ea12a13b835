package io.penstock.client;

import io.penstock.client.ClusterDescription.Broker;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a cluster is, as one of its brokers tells it, and what of it is not as it should be. Pure.
 *
 * @param askedAtMs when it was asked, by this machine's clock
 */
public record ClusterStatus(
    ClusterDescription cluster,
    QuorumDescription quorum,
    PartitionCounts partitions,
    long askedAtMs) {

  /** A voter that its leader has not heard of for so long is taken for dead. */
  static final long SILENT_MS_MAX = 5_000;

  /** A voter lags that is so many entries behind, and has not had all for the time below. */
  static final long LAG_MAX = 1_000;

  static final long BEHIND_MS_MAX = 10_000;

  /** What is not healthy, a sentence each; empty where nothing is amiss. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (Group group : quorum.groups()) {
      if (!group.hasLeader()) {
        problems.add(
            "no leader of "
                + group.name()
                + ": "
                + group.problem()
                + "; a majority of its voters has to run and reach each other");
      }
    }
    addVoters(problems);
    for (Broker broker : cluster.brokers()) {
      if (broker.fenced()) {
        problems.add("broker " + broker.id() + " is fenced: it is down, or still catching up");
      }
    }
    if (partitions.offline() > 0) {
      problems.add(offlinePartitions());
    }
    return problems;
  }

  /** One sentence for each voter and what is wrong with it, whichever groups it is wrong in. */
  private void addVoters(List<String> problems) {
    Map<String, List<String>> groupsByProblem = new LinkedHashMap<>();
    for (Group group : quorum.groups()) {
      for (Member voter : group.voters()) {
        String problem = problemOf(voter, group);
        if (!problem.isEmpty()) {
          groupsByProblem.computeIfAbsent(problem, each -> new ArrayList<>()).add(group.name());
        }
      }
    }
    groupsByProblem.forEach(
        (problem, groups) -> problems.add(problem + " (" + String.join(", ", groups) + ")"));
  }

  private String problemOf(Member voter, Group group) {
    if (voter.nodeId() == group.leaderId()) {
      return "";
    }
    String name = "voter " + voter.nodeId();
    for (Member observer : group.observers()) {
      if (observer.nodeId() == voter.nodeId()) {
        return name
            + " votes under a directory that it no longer has:"
            + " 'penstock cluster voters replace "
            + voter.nodeId()
            + "'";
      }
    }
    long silentMs = group.silentMs(voter, askedAtMs);
    if (silentMs < 0) {
      return name + " has not been heard of";
    }
    if (silentMs > SILENT_MS_MAX) {
      return name + " has not been heard of for " + silentMs / 1_000 + " s";
    }
    long lag = group.lag(voter);
    long behindMs = group.behindMs(voter, askedAtMs);
    boolean isLagging = lag > LAG_MAX && (behindMs < 0 || behindMs > BEHIND_MS_MAX);
    return isLagging ? name + " is " + lag + " entries behind" : "";
  }

  private String offlinePartitions() {
    String names = String.join(", ", partitions.offlineNames());
    int more = partitions.offline() - partitions.offlineNames().size();
    return partitions.offline()
        + (partitions.offline() == 1 ? " partition has" : " partitions have")
        + " no leader: "
        + names
        + (more > 0 ? " and " + more + " more" : "");
  }
}

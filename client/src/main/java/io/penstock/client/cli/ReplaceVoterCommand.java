package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.QuorumDescription;
import io.penstock.client.QuorumDescription.Group;
import io.penstock.client.QuorumDescription.Member;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code penstock cluster voters replace}: for a node that lost its disk. The vote that its lost
 * directory had is taken first, then the directory that it has now gets one; asking again finishes
 * what was interrupted between the two.
 */
@Command(
    name = "replace",
    description = {
      "Move a node's vote from a data directory that is lost to the one that it has now.",
      "The node has to run, with an empty disk, as an observer. Can be repeated when interrupted."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it votes under its present directory", "1:failed", "2:wrong usage"})
final class ReplaceVoterCommand implements Callable<Integer> {

  @Mixin private VoterArguments voter = new VoterArguments();

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return connection.withAdmin(spec, this::replace);
  }

  private int replace(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    QuorumDescription quorum = connection.await(admin.describeQuorum());
    for (Group group : quorum.groups()) {
      if (!group.hasLeader()) {
        return fail(
            "no leader of " + group.name() + ", so no change of voters: " + group.problem());
      }
    }
    UUID present = voter.directoryId != null ? voter.directoryId : observedDirectory(quorum);
    Set<UUID> voting = votingDirectories(quorum);
    if (present == null) {
      return fail(
          voting.isEmpty()
              ? "node " + voter.id + " is not in the cluster: start it first"
              : "node "
                  + voter.id
                  + " does not run as an observer: start it with an empty disk first, or name its"
                  + " present directory with --directory-id");
    }
    for (UUID lost : voting) {
      if (!lost.equals(present)) {
        connection.await(admin.removeVoter(voter.id, lost));
        note("took the vote of node " + voter.id + " under directory " + Json.id(lost));
      }
    }
    return isVotingEverywhere(quorum, present) ? done(present) : add(admin, present);
  }

  private int add(Admin admin, UUID present)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      connection.await(admin.addVoter(voter.id, present));
    } catch (ExecutionException | TimeoutException e) {
      note(
          "node "
              + voter.id
              + " has no vote at present: when the cause below is mended, ask again with 'penstock"
              + " cluster voters replace "
              + voter.id
              + "'");
      throw e;
    }
    return done(present);
  }

  private int done(UUID present) {
    PrintWriter out = spec.commandLine().getOut();
    if (connection.json()) {
      Json.print(out, Map.of("replaced", voter.id, "directoryId", Json.id(present)));
      return ExitCode.OK;
    }
    out.println("node " + voter.id + " votes under directory " + Json.id(present));
    out.flush();
    return ExitCode.OK;
  }

  /** The directory of a node that follows without a vote. */
  private @Nullable UUID observedDirectory(QuorumDescription quorum) {
    for (Group group : quorum.groups()) {
      for (Member observer : group.observers()) {
        if (observer.nodeId() == voter.id) {
          return observer.directoryId();
        }
      }
    }
    return null;
  }

  private Set<UUID> votingDirectories(QuorumDescription quorum) {
    Set<UUID> directories = new LinkedHashSet<>();
    for (Group group : quorum.groups()) {
      for (Member member : group.voters()) {
        if (member.nodeId() == voter.id) {
          directories.add(member.directoryId());
        }
      }
    }
    return directories;
  }

  private boolean isVotingEverywhere(QuorumDescription quorum, UUID directory) {
    return quorum.groups().stream()
        .allMatch(group ->
            group.voters().stream()
                .anyMatch(member ->
                    member.nodeId() == voter.id && member.directoryId().equals(directory)));
  }

  /** Progress is for people, so it does not disturb what scripts read. */
  private void note(String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("penstock: " + message);
    err.flush();
  }

  private int fail(String message) {
    note(message);
    return ExitCode.SOFTWARE;
  }
}

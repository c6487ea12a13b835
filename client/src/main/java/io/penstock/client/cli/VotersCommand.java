package io.penstock.client.cli;

import picocli.CommandLine.Command;

/** {@code penstock cluster voters}: the commands that change who votes, and nothing without one. */
@Command(
    name = "voters",
    description = {
      "Change which nodes vote on what the cluster agrees on, one at a time.",
      "A change is refused where the voters that are alive afterwards would be no majority."
    },
    subcommands = {AddVoterCommand.class, RemoveVoterCommand.class, ReplaceVoterCommand.class})
final class VotersCommand extends CommandGroup {}

package io.penstock.client.cli;

import picocli.CommandLine.Command;

/** {@code penstock cluster}: the commands about nodes and voters, and nothing without one. */
@Command(
    name = "cluster",
    description = "Show how the cluster is, and change who votes.",
    subcommands = {ClusterStatusCommand.class, VotersCommand.class})
public final class ClusterCommand extends CommandGroup {}

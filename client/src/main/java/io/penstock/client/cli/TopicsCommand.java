package io.penstock.client.cli;

import picocli.CommandLine.Command;

/** {@code penstock topics}: the commands about topics, and nothing without one of them. */
@Command(
    name = "topics",
    description = "Create, list, describe and delete topics.",
    subcommands = {
      CreateTopicCommand.class,
      ListTopicsCommand.class,
      DescribeTopicsCommand.class,
      DeleteTopicsCommand.class
    })
public final class TopicsCommand extends CommandGroup {}

package io.penstock.replication.metadata;

import java.util.UUID;

/** What a configuration belongs to: a topic, a group of consumers, one node, or every node. */
public sealed interface ConfigTarget extends Comparable<ConfigTarget> {

  record Topic(UUID id) implements ConfigTarget {}

  record Node(int id) implements ConfigTarget {}

  /** A group by its name, whether there is one or not. */
  record Group(String id) implements ConfigTarget {}

  /** The default of every node, Kafka's broker resource with an empty name. */
  record AllNodes() implements ConfigTarget {}

  private int rank() {
    return switch (this) {
      case AllNodes _ -> 0;
      case Node _ -> 1;
      case Topic _ -> 2;
      case Group _ -> 3;
    };
  }

  @Override
  default int compareTo(ConfigTarget other) {
    if (this instanceof Topic(UUID mine) && other instanceof Topic(UUID theirs)) {
      return mine.compareTo(theirs);
    }
    if (this instanceof Node(int mine) && other instanceof Node(int theirs)) {
      return Integer.compare(mine, theirs);
    }
    if (this instanceof Group(String mine) && other instanceof Group(String theirs)) {
      return mine.compareTo(theirs);
    }
    return Integer.compare(rank(), other.rank());
  }
}

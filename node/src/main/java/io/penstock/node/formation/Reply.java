package io.penstock.node.formation;

import io.penstock.replication.peer.Introduction;

/** What came of asking a node who it is. */
sealed interface Reply {

  /** It introduced itself. */
  record Here(Introduction introduction) implements Reply {}

  /** It was not there, or not yet able to answer. */
  record Absent(String why) implements Reply {}

  /** One of the two does not want the other. */
  record Objects(String why) implements Reply {}
}

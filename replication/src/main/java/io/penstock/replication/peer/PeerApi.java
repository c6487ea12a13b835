package io.penstock.replication.peer;

import org.jspecify.annotations.Nullable;

/**
 * The requests between nodes. A body begins with what its owner needs to read it in every version
 * from {@link #lowestVersion} on; a node answers {@link PeerException.Kind#UNSUPPORTED} to what it
 * does not know.
 */
public enum PeerApi {
  /** Who is there: the first request of each connection. Answered by the connection itself. */
  HELLO(1),
  /** A message of a Raft group, for {@code replication.raft}. */
  RAFT(2),
  /** A command for a group's leader, for {@code replication.cluster}. */
  PROPOSE(3),
  /** Committed commands or the end of a wait, for {@code replication.observer}. */
  POLL(4),
  /** A part of a snapshot, for {@code replication.observer}. */
  SNAPSHOT(5),
  /** A broker process introduces itself to the leader, for {@code replication.liveness}. */
  REGISTER(6),
  /** A broker lives, for {@code replication.liveness}. */
  HEARTBEAT(7),
  /** A peer has gone from the sight of the caller, for {@code replication.liveness}. */
  SUSPECT(8),
  /** Are you there, and who are you, for {@code replication.liveness}. */
  PROBE(9),
  /** What a group's leader knows of its members, for {@code replication.cluster}. */
  STATUS(10),
  /** A change of a group's voters, for {@code replication.cluster}. */
  VOTERS(11),
  /** How far partitions that the other node leads have come, for {@code node.group.lag}. */
  PROGRESS(12);

  private static final PeerApi[] BY_ID = new PeerApi[13];

  static {
    for (PeerApi api : values()) {
      BY_ID[api.id] = api;
    }
  }

  private final int id;

  PeerApi(int id) {
    this.id = id;
  }

  /** Its number on the wire, from 1 to 127; never used for anything else again. */
  public int id() {
    return id;
  }

  /** The version that this node speaks. */
  public int version() {
    return 1;
  }

  /** The oldest version that this node understands. */
  public int lowestVersion() {
    return 1;
  }

  public static @Nullable PeerApi ofId(int id) {
    return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
  }
}

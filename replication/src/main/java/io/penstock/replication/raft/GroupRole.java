package io.penstock.replication.raft;

/**
 * Who leads a group, as this member knows it.
 *
 * @param leaderId a node, or {@link #NOBODY}
 * @param term rises with each election
 * @param leaderHere whether this node leads and has applied all that was agreed on before its term,
 *     so that it may decide by its image
 */
public record GroupRole(int leaderId, long term, boolean leaderHere) {

  public static final int NOBODY = -1;

  /** Before anything is known. */
  public static final GroupRole UNKNOWN = new GroupRole(NOBODY, 0, false);
}

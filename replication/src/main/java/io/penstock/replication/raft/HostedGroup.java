package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Position;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * One group that this node has a vote in. Any thread may call it. Whoever wants an answer for
 * certain, from whichever node leads, uses a proposer on top of it: this is one try, here.
 *
 * @param <I> image
 * @param <C> command
 * @param <R> result
 */
public interface HostedGroup<I, C, R> {

  /** An entry has an envelope besides its command. */
  int COMMAND_BYTES_MAX = RaftPropertiesBuilder.APPENDER_BUFFER_BYTES - 4096;

  /** The newest image that was applied here. */
  I image();

  /** The newest entry that was applied here, be it a command or one of Raft's own. */
  Position applied();

  GroupRole role();

  /**
   * For how many milliseconds answers of a majority of the voters to this node, which leads, have
   * been due; 0 where it is the only voter, {@link Long#MAX_VALUE} where it does not lead. The time
   * between two heartbeats of Raft does not count.
   */
  long majorityOverdueMs();

  /**
   * Gives a command to the group, if this node leads it. A command of the same proposer and call id
   * is applied once, whoever led meanwhile, for as long as the group remembers it (a minute).
   * Completes on the applier thread, whose continuations must not block, after the image here has
   * the outcome and the listener was told. Fails with {@link
   * io.penstock.replication.value.CommandTooLargeException} if nothing was asked, and with {@link
   * io.penstock.replication.value.ControlUnavailableException} where the group is closed here.
   */
  CompletionStage<Submission<R>> submit(UUID proposer, long callId, byte[] command);

  /**
   * The voters as this member knows them; empty before the start and where it was added to none.
   */
  List<Member> voters();

  /** What this node knows of the voters, if it leads. */
  Optional<GroupMembers> members();

  /** Makes one list of voters another, if this node leads and the voters are those expected. */
  CompletionStage<VotersOutcome> setVoters(List<Member> expected, List<Member> wanted);

  /** Lets another voter lead, if this node does; false where that did not come about. */
  CompletionStage<Boolean> transferLeadership(int nodeId);
}

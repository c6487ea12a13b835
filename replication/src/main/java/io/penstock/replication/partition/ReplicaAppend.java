package io.penstock.replication.partition;

import io.penstock.storage.log.AppendOutcome;

/** What became of an append to a partition. */
public sealed interface ReplicaAppend {

  /** The log has answered, in this leader epoch: appended, known already, or not acceptable. */
  record Answered(AppendOutcome outcome, int leaderEpoch) implements ReplicaAppend {}

  /** The log was not asked, or its disk failed; nothing is stored. */
  record Refused(Refusal refusal, String message) implements ReplicaAppend {}
}

package io.penstock.storage.log;

/** What became of an append; a failing disk is an exception instead. */
public sealed interface AppendOutcome {
  /** The time that stands for "the records keep their own timestamps". */
  long NO_APPEND_TIME = -1;

  /** The batches are in the log under these offsets. */
  record Appended(long firstOffset, long lastOffset, long logAppendTimeMs, long logStartOffset)
      implements AppendOutcome {}

  /**
   * The batches were in the log already, under these offsets; nothing was written. The first offset
   * is -1 where it is not known any more; the batches do not end behind the last one then.
   */
  record Duplicate(long firstOffset, long lastOffset, long logAppendTimeMs, long logStartOffset)
      implements AppendOutcome {}

  /** The log took nothing of the buffer. */
  record Rejected(AppendError error, String message) implements AppendOutcome {}
}

package io.penstock.replication.observer;

import io.penstock.replication.observer.AppliedLog.Entry;
import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.Position;
import io.penstock.replication.value.UnknownFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a voter answers to a poll.
 *
 * @param view who leads and who votes, as far as the voter knows
 * @param upTo where the observer is after these commands; with another status, where the voter is
 */
record PollAnswer(Status status, GroupView view, Position upTo, List<Entry> entries) {

  private static final int VERSION = 1;

  /** What is to be done. */
  enum Status {
    /** Apply the commands, if any, and ask again. */
    COMMANDS,
    /** The commands are no longer kept: take a snapshot. */
    TAKE_SNAPSHOT,
    /** This voter has not got that far. */
    BEHIND,
    /** The observer's position is not of this history. */
    FORKED,
    /** This node has no vote; the voters are in the view. */
    NO_VOTER
  }

  PollAnswer {
    entries = List.copyOf(entries);
  }

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeByte(number(status));
          ViewCodec.writeView(view, out);
          ViewCodec.writePosition(upTo, out);
          out.writeUnsigned(entries.size());
          for (Entry entry : entries) {
            ViewCodec.writePosition(entry.at(), out);
            out.writeBytes(entry.command());
          }
        });
  }

  static PollAnswer decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in -> {
          Status status = ofNumber(in.readByte());
          GroupView view = ViewCodec.readView(in);
          Position upTo = ViewCodec.readPosition(in);
          int count = in.readCount();
          List<Entry> entries = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            entries.add(new Entry(ViewCodec.readPosition(in), in.readBytes()));
          }
          return new PollAnswer(status, view, upTo, entries);
        });
  }

  private static int number(Status status) {
    return switch (status) {
      case COMMANDS -> 0;
      case TAKE_SNAPSHOT -> 1;
      case BEHIND -> 2;
      case FORKED -> 3;
      case NO_VOTER -> 4;
    };
  }

  private static Status ofNumber(int number) {
    for (Status status : Status.values()) {
      if (number(status) == number) {
        return status;
      }
    }
    throw new UnknownFormatException("a poll is answered with status " + number);
  }
}

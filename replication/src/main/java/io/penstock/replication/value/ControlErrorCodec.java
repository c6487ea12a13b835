package io.penstock.replication.value;

import java.io.IOException;

/** The sent form of a {@link ControlError}: one byte, whose meaning never changes. */
public final class ControlErrorCodec {

  private static final ControlError[] BY_NUMBER = new ControlError[128];

  static {
    for (ControlError error : ControlError.values()) {
      BY_NUMBER[number(error)] = error;
    }
  }

  private ControlErrorCodec() {}

  public static void write(ControlError error, CompactOutput out) throws IOException {
    out.writeByte(number(error));
  }

  /** Throws {@link UnknownFormatException} where a newer version knows more. */
  public static ControlError read(CompactInput in) throws IOException {
    int number = in.readByte();
    if (number >= BY_NUMBER.length || BY_NUMBER[number] == null) {
      throw new UnknownFormatException("an outcome has number " + number);
    }
    return BY_NUMBER[number];
  }

  private static int number(ControlError error) {
    return switch (error) {
      case NONE -> 0;
      case INVALID_REQUEST -> 1;
      case STALE_BROKER_EPOCH -> 2;
      case UNKNOWN_BROKER -> 3;
      case BROKER_FENCED -> 4;
      case UNKNOWN_TOPIC -> 5;
      case TOPIC_ALREADY_EXISTS -> 6;
      case INVALID_TOPIC_NAME -> 7;
      case INVALID_PARTITIONS -> 8;
      case INVALID_REPLICATION_FACTOR -> 9;
      case INVALID_REPLICA_ASSIGNMENT -> 10;
      case UNKNOWN_PARTITION -> 11;
      case FENCED_LEADER_EPOCH -> 12;
      case UNKNOWN_LEADER_EPOCH -> 13;
      case STALE_PARTITION_EPOCH -> 14;
      case NOT_LEADER -> 15;
      case INELIGIBLE_REPLICA -> 16;
      case ELECTION_NOT_NEEDED -> 17;
      case NO_ELIGIBLE_LEADER -> 18;
      case INVALID_CONFIG -> 19;
      case UNSUPPORTED_FEATURE_LEVEL -> 20;
      case LIMIT_EXCEEDED -> 21;
    };
  }
}

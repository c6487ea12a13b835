package io.penstock.cluster.history;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Which record of a recorded workload one is. Its value says it in words, and the rest of the value
 * follows from it, so that a record that was damaged or moved to another partition is none of ours.
 *
 * @param partition where its writer sent it
 * @param writer who sent it
 * @param number counts from 0 for each writer and partition, in the order of sending
 */
public record RecordId(TopicPartition partition, int writer, long number) {
  private static final Pattern VALUE = Pattern.compile("(\\S+) (\\d+) (\\d+) (\\d+) #(x*)");

  /** The record's value, of so many bytes where its id leaves room for them. */
  public byte[] value(int bytes) {
    String id =
        partition.topic() + " " + partition.partition() + " " + writer + " " + number + " #";
    String all = id + "x".repeat(Math.max(0, bytes - id.length()));
    return all.getBytes(StandardCharsets.US_ASCII);
  }

  /** The id that a value of so many bytes says, or null where no writer can have sent it. */
  public static @Nullable RecordId parse(byte @Nullable [] value, int bytes) {
    if (value == null) {
      return null;
    }
    Matcher matcher = VALUE.matcher(new String(value, StandardCharsets.US_ASCII));
    if (!matcher.matches() || value.length < bytes) {
      return null;
    }
    try {
      return new RecordId(
          new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2))),
          Integer.parseInt(matcher.group(3)),
          Long.parseLong(matcher.group(4)));
    } catch (NumberFormatException notOurs) {
      return null;
    }
  }

  @Override
  public String toString() {
    return partition + " writer " + writer + " number " + number;
  }
}

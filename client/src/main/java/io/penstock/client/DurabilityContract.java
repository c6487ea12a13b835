package io.penstock.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Says in words what {@code acks=all} means for one topic, with its settings and its replicas as
 * they are now: when an acknowledgement is given, what it survives, and what stops it. Pure.
 */
public final class DurabilityContract {

  private static final String MIN_IN_SYNC = "min.insync.replicas";
  private static final String FLUSH_MESSAGES = "flush.messages";
  private static final String UNCLEAN = "unclean.leader.election.enable";

  private DurabilityContract() {}

  /** One sentence, or a few, for each line. */
  public static List<String> words(TopicDescription topic, List<ConfigValue> configs) {
    int replicas = topic.replicationFactor();
    int inSyncMin = (int) number(configs, MIN_IN_SYNC, 1);
    List<String> lines = new ArrayList<>();
    lines.add(acknowledged(replicas, inSyncMin));
    lines.add(onDisk(replicas, number(configs, FLUSH_MESSAGES, Long.MAX_VALUE)));
    if (replicas > 1 && inSyncMin <= replicas) {
      lines.add(available(replicas, inSyncMin));
    }
    if ("true".equals(value(configs, UNCLEAN))) {
      lines.add(
          UNCLEAN
              + "=true: when all in-sync replicas are lost, an outdated one may take over, and"
              + " acknowledged records are gone.");
    }
    lines.addAll(trouble(topic, inSyncMin));
    return List.copyOf(lines);
  }

  private static String acknowledged(int replicas, int inSyncMin) {
    if (inSyncMin > replicas) {
      return "acks=all is always refused: "
          + MIN_IN_SYNC
          + "="
          + inSyncMin
          + " asks for more than the "
          + plural(replicas, "replica")
          + " there "
          + (replicas == 1 ? "is" : "are")
          + ".";
    }
    if (replicas == 1) {
      return "acks=all: acknowledged as soon as the only replica has the record. There is no second"
          + " copy: losing that disk loses the record.";
    }
    return "acks=all: acknowledged when every in-sync replica has the record, at least "
        + inSyncMin
        + " of "
        + replicas
        + ". It survives any fault that leaves one of them.";
  }

  /** No ack waits for what flush.ms asks for. */
  private static String onDisk(int replicas, long flushMessages) {
    if (flushMessages == 1) {
      return FLUSH_MESSAGES
          + "=1: the ack, also of acks=1, waits until the record is on the disk"
          + (replicas == 1 ? "" : " of who acknowledges it")
          + ". A power failure takes nothing that was acknowledged.";
    }
    if (flushMessages < Long.MAX_VALUE) {
      return FLUSH_MESSAGES
          + "="
          + flushMessages
          + ": one ack in so many records waits until all up to it are on the disk. A power failure"
          + (replicas == 1 ? "" : " of all in-sync replicas at once")
          + " can take the last "
          + plural(flushMessages - 1, "record")
          + ", or the last batch.";
    }
    return replicas == 1
        ? "The ack does not wait for the disk: the record survives the process, but a power failure"
            + " can take the last records."
        : "The ack does not wait for the disks: only a power failure of all in-sync replicas at"
            + " once can take the last records.";
  }

  private static String available(int replicas, int inSyncMin) {
    int spare = replicas - inSyncMin;
    if (spare == 0) {
      return "Writes stop as soon as one replica is down.";
    }
    String line = "Writes go on with " + plural(spare, "replica") + " down.";
    return inSyncMin > 1
        ? line
        : line + " The last one in sync acknowledges alone: losing it then loses the record.";
  }

  private static List<String> trouble(TopicDescription topic, int inSyncMin) {
    List<String> lines = new ArrayList<>();
    String leaderless = partitions(topic, p -> p.leader() < 0);
    if (!leaderless.isEmpty()) {
      lines.add("NOW: no leader, so neither reads nor writes, on " + leaderless + ".");
    }
    String refused = partitions(topic, p -> p.leader() >= 0 && p.inSync().size() < inSyncMin);
    if (!refused.isEmpty() && inSyncMin <= topic.replicationFactor()) {
      lines.add("NOW: too few replicas in sync, so acks=all is refused, on " + refused + ".");
    }
    return lines;
  }

  private static String partitions(
      TopicDescription topic, Predicate<PartitionDescription> condition) {
    List<PartitionDescription> matching = topic.partitions().stream().filter(condition).toList();
    if (matching.isEmpty()) {
      return "";
    }
    return (matching.size() == 1 ? "partition " : "partitions ")
        + matching.stream()
            .map(partition -> Integer.toString(partition.index()))
            .collect(Collectors.joining(", "));
  }

  private static String plural(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static String value(List<ConfigValue> configs, String name) {
    for (ConfigValue config : configs) {
      String value = config.value();
      if (config.name().equals(name) && value != null) {
        return value;
      }
    }
    return "";
  }

  private static long number(List<ConfigValue> configs, String name, long otherwise) {
    String value = value(configs, name);
    try {
      return value.isEmpty() ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}

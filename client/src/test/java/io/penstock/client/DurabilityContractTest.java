package io.penstock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.ConfigValue.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The words follow from the settings and the replicas, and promise nothing beyond them. */
class DurabilityContractTest {

  @Test
  void onlyReplicaIsNotCalledSafe() {
    String words = words(topic(1, 1), config("min.insync.replicas", "1"));

    assertTrue(words.contains("losing that disk loses the record"), words);
    assertTrue(words.contains("a power failure can take"), words);
    assertFalse(words.contains("NOW"), words);
  }

  @Test
  void replicatedTopicNamesWhoAcknowledgesAndHowManyMayBeDown() {
    String words = words(topic(3, 3), config("min.insync.replicas", "2"));

    assertTrue(words.contains("every in-sync replica has the record, at least 2 of 3"), words);
    assertTrue(words.contains("Writes go on with 1 replica down."), words);
    assertFalse(words.contains("acknowledges alone"), words);
  }

  @Test
  void oneInSyncReplicaMayAcknowledgeAloneAndThatIsSaid() {
    String words = words(topic(3, 3), config("min.insync.replicas", "1"));

    assertTrue(words.contains("Writes go on with 2 replicas down."), words);
    assertTrue(words.contains("The last one in sync acknowledges alone"), words);
  }

  @Test
  void flushingEveryRecordPromisesADiskBeforeTheAck() {
    String one = words(topic(1, 1), config("flush.messages", "1"));
    String three = words(topic(3, 3), config("flush.messages", "1"));

    assertTrue(one.contains("waits until the record is on the disk."), one);
    assertTrue(three.contains("on the disk of who acknowledges it."), three);
    assertFalse(one.contains("does not wait"), one);
  }

  @Test
  void flushingNowAndThenPromisesAllButTheLastRecords() {
    String words = words(topic(1, 1), config("flush.messages", "100"));

    assertTrue(words.contains("A power failure can take the last 99 records"), words);
  }

  @Test
  void flushingByTimePromisesNoDiskBeforeTheAck() {
    assertTrue(words(topic(3, 3), config("flush.ms", "0")).contains("does not wait for the disks"));
    assertTrue(
        words(topic(1, 1), config("flush.messages", Long.toString(Long.MAX_VALUE)))
            .contains("does not wait for the disk"));
  }

  @Test
  void impossibleMinimumIsCalledThat() {
    String words = words(topic(1, 1), config("min.insync.replicas", "2"));

    assertTrue(words.startsWith("acks=all is always refused"), words);
  }

  @Test
  void presentTroubleIsNamedByPartition() {
    TopicDescription topic =
        new TopicDescription(
            "t",
            new UUID(0, 1),
            false,
            List.of(partition(0, 1, 3, 3), partition(1, -1, 3, 2), partition(2, 1, 3, 1)));

    String words = words(topic, config("min.insync.replicas", "2"));

    assertTrue(
        words.contains("NOW: no leader, so neither reads nor writes, on partition 1."), words);
    assertTrue(words.contains("acks=all is refused, on partition 2."), words);
  }

  @Test
  void uncleanElectionTakesTheLastWord() {
    List<String> lines =
        DurabilityContract.words(
            topic(3, 3), List.of(config("unclean.leader.election.enable", "true")));

    assertEquals(true, lines.get(lines.size() - 1).contains("acknowledged records are gone"));
  }

  private static String words(TopicDescription topic, ConfigValue config) {
    return String.join("\n", DurabilityContract.words(topic, List.of(config)));
  }

  private static ConfigValue config(String name, String value) {
    return new ConfigValue(name, value, Source.TOPIC);
  }

  private static TopicDescription topic(int replicas, int inSync) {
    List<PartitionDescription> partitions = new ArrayList<>();
    partitions.add(partition(0, 1, replicas, inSync));
    return new TopicDescription("t", new UUID(0, 1), false, partitions);
  }

  private static PartitionDescription partition(int index, int leader, int replicas, int inSync) {
    return new PartitionDescription(index, leader, 0, nodes(replicas), nodes(inSync));
  }

  private static List<Integer> nodes(int count) {
    return IntStream.rangeClosed(1, count).boxed().toList();
  }
}

package io.penstock.cluster.group;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A member of a group, on a thread of its own: it commits whatever it reads, and tells the ledger
 * both what it commits and what it finds committed when it is given a partition.
 */
final class Member {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long JOIN_MS_MAX = 90_000;

  private final String name;
  private final String topic;
  private final CommitLedger ledger;
  private final Map<String, Object> settings = new HashMap<>();
  private final Map<Integer, Long> next = new HashMap<>();
  private final Thread thread;
  private volatile GroupMembershipOperation ending = GroupMembershipOperation.DEFAULT;
  private volatile Set<Integer> assigned = Set.of();

  private Member(
      String bootstrap, String topic, String group, Protocol protocol, CommitLedger ledger) {
    this.name = group + "-" + Long.toHexString(System.nanoTime());
    this.topic = topic;
    this.ledger = ledger;
    settings.put("bootstrap.servers", bootstrap);
    settings.put("client.id", name);
    settings.put("group.id", group);
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    settings.put("request.timeout.ms", "10000");
    settings.put("retry.backoff.max.ms", "200");
    settings.put("reconnect.backoff.max.ms", "200");
    settings.putAll(protocol.settings());
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /** A member that joins now. */
  static Member start(
      String bootstrap, String topic, String group, Protocol protocol, CommitLedger ledger) {
    Member member = new Member(bootstrap, topic, group, protocol, ledger);
    member.thread.start();
    return member;
  }

  /** The partitions that it has, in its own opinion. */
  Set<Integer> assigned() {
    return assigned;
  }

  /** Lets it leave the group, and does not wait for that. */
  void leave() {
    ending = GroupMembershipOperation.LEAVE_GROUP;
  }

  /**
   * Lets it end without a word to the group, and does not wait for that. With the protocol of
   * KIP-848, kafka-clients 4.4 says goodbye even so.
   */
  void crash() {
    ending = GroupMembershipOperation.REMAIN_IN_GROUP;
  }

  /** Waits until it has ended that was told to. */
  void awaitEnd() throws InterruptedException {
    thread.join(JOIN_MS_MAX);
    if (thread.isAlive()) {
      ledger.wrong(name + " does not end");
    }
  }

  private void run() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      consumer.subscribe(List.of(topic), new Listener(consumer));
      while (ending == GroupMembershipOperation.DEFAULT) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          next.put(record.partition(), record.offset() + 1);
        }
        commit(consumer);
      }
    } catch (RuntimeException failure) {
      ledger.wrong(name + " ended: " + failure);
    } finally {
      consumer.close(CloseOptions.groupMembershipOperation(ending));
    }
  }

  private void commit(KafkaConsumer<byte[], byte[]> consumer) {
    if (next.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    next.forEach((partition, offset) -> {
      ledger.trying(partition, offset);
      offsets.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset));
    });
    try {
      consumer.commitSync(offsets, PATIENCE);
      next.forEach(ledger::acknowledged);
      next.clear();
    } catch (RebalanceInProgressException afterTheNextPoll) {
      return;
    } catch (CommitFailedException othersHaveThem) {
      next.clear();
    } catch (KafkaException failure) {
      ledger.wrong(name + " could not commit: " + failure);
    }
  }

  private void take(KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    long[] before = ledger.acked();
    try {
      consumer
          .committed(Set.copyOf(partitions), PATIENCE)
          .forEach((partition, offset) ->
              ledger.found(
                  name,
                  partition.partition(),
                  before[partition.partition()],
                  offset == null ? 0 : offset.offset()));
    } catch (KafkaException failure) {
      ledger.wrong(name + " could not read what is committed: " + failure);
    }
    Set<Integer> all = new TreeSet<>(assigned);
    partitions.forEach(each -> all.add(each.partition()));
    assigned = Set.copyOf(all);
  }

  private void giveUp(Collection<TopicPartition> partitions) {
    Set<Integer> rest = new TreeSet<>(assigned);
    List<Integer> gone = new ArrayList<>();
    partitions.forEach(each -> gone.add(each.partition()));
    gone.forEach(rest::remove);
    gone.forEach(next::remove);
    assigned = Set.copyOf(rest);
  }

  private final class Listener implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    private Listener(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      take(consumer, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      commit(consumer);
      giveUp(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      giveUp(partitions);
    }
  }
}

package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.classic.EmbeddedProtocol;
import io.penstock.node.group.effect.MemberDescription;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** What consumers of the classic protocol say and are told inside its opaque bytes. */
final class ClassicAnswers {

  private ClassicAnswers() {}

  /**
   * What a consumer wants and has.
   *
   * @param rack null where it does not say
   */
  record Wish(List<String> topics, MemberTarget owned, @Nullable String rack) {}

  /**
   * Reads what a consumer says to its assignors, all of which hear the same; null if unreadable.
   */
  static @Nullable Wish read(byte[] subscription, TopicCatalog topics) {
    try {
      EmbeddedProtocol.Subscription read =
          EmbeddedProtocol.subscription(subscription, name -> topics.topic(name) != null);
      return new Wish(
          read.topics(),
          existing(read.owned(), topics),
          Utils.isBlank(read.rack()) ? null : read.rack());
    } catch (RuntimeException unreadable) {
      return null;
    }
  }

  /** Reads what a consumer was assigned; null if that is unreadable. */
  static @Nullable MemberTarget assigned(byte[] assignment, TopicCatalog topics) {
    if (assignment.length == 0) {
      return MemberTarget.EMPTY;
    }
    try {
      return existing(
          EmbeddedProtocol.assignment(assignment, name -> topics.topic(name) != null), topics);
    } catch (RuntimeException unreadable) {
      return null;
    }
  }

  /** Anybody can name any number; what follows has room for those that there are. */
  private static MemberTarget existing(Map<String, PartitionSet> named, TopicCatalog topics) {
    Map<UUID, PartitionSet> existing = HashMap.newHashMap(named.size());
    named.forEach((name, partitions) -> {
      TopicCatalog.CatalogTopic topic = topics.topic(name);
      if (topic != null) {
        PartitionSet all = PartitionSet.range(0, topic.spec().partitions());
        existing.put(topic.spec().id(), partitions.common(all));
      }
    });
    return new MemberTarget(existing);
  }

  /** What a consumer is assigned, in the version that it speaks itself. */
  static byte[] bytes(MemberTarget partitions, MemberDescription member, TopicCatalog topics) {
    List<TopicPartition> named = new ArrayList<>(partitions.size());
    partitions
        .topics()
        .forEach((id, set) -> {
          String name = topics.nameOf(id);
          if (name != null) {
            set.stream().forEach(partition -> named.add(new TopicPartition(name, partition)));
          }
        });
    ByteBuffer bytes =
        ConsumerProtocol.serializeAssignment(
            new ConsumerPartitionAssignor.Assignment(named), version(member));
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  private static short version(MemberDescription member) {
    MemberDescription.Classic classic = member.classic();
    if (classic == null || classic.protocols().isEmpty()) {
      return 0;
    }
    byte[] metadata = classic.protocols().get(0).metadata();
    return metadata.length < Short.BYTES ? 0 : ByteBuffer.wrap(metadata).getShort();
  }
}

package io.penstock.node.group.classic;

import io.penstock.node.group.assign.PartitionSet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What consumers of the classic protocol tell their assignors and are told by them, in all of
 * Kafka's versions; to anybody else it is opaque bytes. Kafka's own classes look for a topic that
 * is named again among all before it, which takes minutes where a message does little else; here it
 * takes time in proportion to the message. What cannot be read throws. Stateless.
 */
public final class EmbeddedProtocol {

  private static final short OWNED_FROM = 1;
  private static final short GENERATION_FROM = 2;
  private static final short RACK_FROM = 3;

  private EmbeddedProtocol() {}

  /**
   * What a consumer wants and has.
   *
   * @param owned the partitions of each topic; none where its version does not say
   * @param rack null where it does not say
   */
  public record Subscription(
      List<String> topics, Map<String, PartitionSet> owned, @Nullable String rack) {}

  /**
   * Reads all that a consumer says.
   *
   * @param exists whether there is such a topic: of others no partition is gathered
   */
  public static Subscription subscription(byte[] bytes, Predicate<String> exists) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    short version = version(in);
    List<String> topics = names(in);
    skipUserData(in);
    Map<String, PartitionSet> owned = version >= OWNED_FROM ? partitions(in, exists) : Map.of();
    if (version >= GENERATION_FROM) {
      in.getInt();
    }
    return new Subscription(topics, owned, version >= RACK_FROM ? text(in) : null);
  }

  /** The topics of a subscription, without a look at what is behind them. */
  static List<String> topics(byte[] subscription) {
    ByteBuffer in = ByteBuffer.wrap(subscription);
    version(in);
    return names(in);
  }

  /** The partitions of each topic that a consumer was assigned, of topics that there are. */
  public static Map<String, PartitionSet> assignment(byte[] bytes, Predicate<String> exists) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    version(in);
    Map<String, PartitionSet> partitions = partitions(in, exists);
    skipUserData(in);
    return partitions;
  }

  /** Later versions begin as those that are known. */
  private static short version(ByteBuffer in) {
    short version = in.getShort();
    if (version < 0) {
      throw new IllegalArgumentException("version " + version);
    }
    return version;
  }

  private static List<String> names(ByteBuffer in) {
    List<String> names = new ArrayList<>();
    for (int left = count(in); left > 0; left--) {
      names.add(name(in));
    }
    return names;
  }

  private static Map<String, PartitionSet> partitions(ByteBuffer in, Predicate<String> exists) {
    Map<String, IntStream.Builder> gathered = new HashMap<>();
    for (int topics = count(in); topics > 0; topics--) {
      String topic = name(in);
      IntStream.Builder of = gathered.get(topic);
      if (of == null && exists.test(topic)) {
        of = IntStream.builder();
        gathered.put(topic, of);
      }
      for (int left = count(in); left > 0; left--) {
        int partition = in.getInt();
        if (of != null) {
          of.accept(partition);
        }
      }
    }
    Map<String, PartitionSet> partitions = HashMap.newHashMap(gathered.size());
    gathered.forEach(
        (topic, each) -> partitions.put(topic, PartitionSet.of(each.build().toArray())));
    return partitions;
  }

  /** What it says may be more than there is: who believes it runs into the end. */
  private static int count(ByteBuffer in) {
    int count = in.getInt();
    if (count < 0) {
      throw new IllegalArgumentException("count " + count);
    }
    return count;
  }

  private static String name(ByteBuffer in) {
    String name = text(in);
    if (name == null) {
      throw new IllegalArgumentException("no name");
    }
    return name;
  }

  private static @Nullable String text(ByteBuffer in) {
    short length = in.getShort();
    if (length < 0) {
      return null;
    }
    byte[] utf8 = new byte[length];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static void skipUserData(ByteBuffer in) {
    int length = in.getInt();
    if (length > 0) {
      in.position(Math.addExact(in.position(), length));
    }
  }
}

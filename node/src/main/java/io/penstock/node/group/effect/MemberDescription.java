package io.penstock.node.group.effect;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who a member of the consumer protocol is and what it wants, as it last said.
 *
 * @param instanceId of a static member; null of a dynamic one
 * @param rack where it is; null where it does not say
 * @param topics the names that it is subscribed to, sorted, each once
 * @param regex the expression that it is subscribed to besides; null without one
 * @param rebalanceTimeoutMs how long it may take to give something back
 * @param assignor the one that it would like; null where any will do
 * @param classic what only a member of the classic protocol says; null of all others
 */
public record MemberDescription(
    @Nullable String instanceId,
    @Nullable String rack,
    String clientId,
    String clientHost,
    List<String> topics,
    @Nullable String regex,
    int rebalanceTimeoutMs,
    @Nullable String assignor,
    @Nullable Classic classic) {

  /** What a member takes at most in its record besides its strings. */
  private static final int OVERHEAD_BYTES = 64;

  private static final int STRING_OVERHEAD_BYTES = 3;

  public MemberDescription {
    topics = topics.stream().sorted().distinct().toList();
  }

  /** Of a member of the classic protocol that is in a group of the consumer protocol. */
  public record Classic(int sessionTimeoutMs, List<Protocol> protocols) {

    public Classic {
      protocols = List.copyOf(protocols);
    }
  }

  /** A client-side assignor, and what the member tells it. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content below
  public record Protocol(String name, byte[] metadata) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Protocol protocol
          && name.equals(protocol.name)
          && Arrays.equals(metadata, protocol.metadata);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + Arrays.hashCode(metadata);
    }
  }

  /** Whether it wants the same topics. */
  public boolean isSubscribedAs(MemberDescription other) {
    return topics.equals(other.topics)
        && (regex == null ? other.regex == null : regex.equals(other.regex));
  }

  /** What its record takes besides the names of group and member, at most. */
  public long bytesMax() {
    long bytes = OVERHEAD_BYTES + bytes(instanceId) + bytes(rack) + bytes(clientId);
    bytes += bytes(clientHost) + bytes(regex) + bytes(assignor);
    for (String topic : topics) {
      bytes += STRING_OVERHEAD_BYTES + bytes(topic);
    }
    if (classic != null) {
      for (Protocol each : classic.protocols()) {
        bytes += OVERHEAD_BYTES + bytes(each.name()) + each.metadata().length;
      }
    }
    return bytes;
  }

  private static long bytes(@Nullable String text) {
    return text == null ? 0 : GroupLimits.utf8Bytes(text);
  }
}

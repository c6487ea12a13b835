package io.penstock.node.group.classic;

import io.penstock.node.group.effect.MemberDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a group of one protocol leaves to the group of the other one that takes its place, in the
 * words of the classic protocol, which all its members speak.
 *
 * @param protocolType such as {@code consumer}
 */
public record HandedOver(
    String groupId, String protocolType, int generation, List<Member> members) {

  public HandedOver {
    members = List.copyOf(members);
  }

  /** One member, which knows its id. */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes, compared by nobody
  public record Member(
      String memberId,
      @Nullable String instanceId,
      String clientId,
      String clientHost,
      int rebalanceTimeoutMs,
      int sessionTimeoutMs,
      List<MemberDescription.Protocol> protocols,
      byte[] assignment) {}
}

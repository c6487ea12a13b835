package io.penstock.node.group.classic;

import io.penstock.node.group.effect.MemberDescription;
import java.util.ArrayList;
import java.util.List;

/** From a classic group to what it leaves behind. */
final class HandOver {

  private HandOver() {}

  /** Who has not been told its id yet joins again as another one. */
  static HandedOver of(ClassicGroup group) {
    List<HandedOver.Member> members = new ArrayList<>(group.members().size());
    for (ClassicMember each : group.members().all()) {
      if (!each.isNew()) {
        members.add(
            new HandedOver.Member(
                each.id(),
                each.instanceId(),
                each.clientId(),
                each.clientHost(),
                each.rebalanceTimeoutMs(),
                each.sessionTimeoutMs(),
                each.protocols().stream()
                    .map(protocol ->
                        new MemberDescription.Protocol(protocol.name(), protocol.metadata()))
                    .toList(),
                each.assignment()));
      }
    }
    return new HandedOver(group.id(), group.protocolType(), group.generation(), members);
  }
}

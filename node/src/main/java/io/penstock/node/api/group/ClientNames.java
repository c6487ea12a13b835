package io.penstock.node.api.group;

import io.penstock.node.api.RequestContext;
import io.penstock.node.group.effect.GroupLimits;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** What a member of a group is known by besides its id. */
final class ClientNames {

  private ClientNames() {}

  /** What the client calls itself, as much of it as is kept. */
  static String id(RequestContext context) {
    String clientId = context.clientId();
    return clientId == null ? "" : GroupLimits.cut(clientId, GroupLimits.CLIENT_ID_CHARS_MAX);
  }

  /** As Kafka writes it: a slash, and no name. */
  static String host(RequestContext context) {
    SocketAddress address = context.connection().remoteAddress();
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? "/" + inet.getAddress().getHostAddress()
        : address.toString();
  }
}

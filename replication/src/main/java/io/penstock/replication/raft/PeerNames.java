package io.penstock.replication.raft;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.Address;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;

/**
 * Members as Ratis names them: node id and directory id make the peer id, so that a wiped disk,
 * which has forgotten its votes, is never taken for the member that gave them.
 */
final class PeerNames {

  private static final int UUID_LENGTH = 36;

  private PeerNames() {}

  static RaftPeerId idOf(Member member) {
    return RaftPeerId.valueOf(member.nodeId() + "-" + member.directoryId());
  }

  /** The node of a peer. Throws on what was not made here. */
  static int nodeIdOf(RaftPeerId id) {
    String text = id.toString();
    return Integer.parseInt(text.substring(0, text.length() - UUID_LENGTH - 1));
  }

  static RaftPeer peerOf(Member member) {
    RaftPeer.Builder peer = RaftPeer.newBuilder().setId(idOf(member));
    return member.address().port() == 0
        ? peer.build() // alone, and not reached by anybody
        : peer.setAddress(member.address().toString()).build();
  }

  static List<RaftPeer> peersOf(List<Member> members) {
    return members.stream().map(PeerNames::peerOf).toList();
  }

  static Member memberOf(RaftPeer peer) {
    String text = peer.getId().toString();
    UUID directoryId = UUID.fromString(text.substring(text.length() - UUID_LENGTH));
    return new Member(nodeIdOf(peer.getId()), directoryId, addressOf(peer.getAddress()));
  }

  /** The voters of a configuration by node id; while it changes, those of the new one. */
  static List<Member> membersOf(RaftConfiguration configuration) {
    return configuration.getCurrentPeers().stream()
        .map(PeerNames::memberOf)
        .sorted(Comparator.comparingInt(Member::nodeId))
        .toList();
  }

  private static Address addressOf(String text) {
    int colon = text == null ? -1 : text.lastIndexOf(':');
    if (colon < 0) {
      return new Address("127.0.0.1", 0);
    }
    String host = text.substring(0, colon);
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new Address(bare, Integer.parseInt(text.substring(colon + 1)));
  }
}

package io.penstock.node.group.classic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;

/** An assignor that a member can work with, and what the member tells that assignor. */
@SuppressWarnings("ArrayRecordComponent") // opaque bytes of the client; compared by sameAs
record MemberProtocol(String name, byte[] metadata) {

  /** About what the objects around the metadata take. */
  private static final int OVERHEAD_BYTES = 100;

  /** The protocols of a request, by preference; a name that comes twice counts once. */
  static List<MemberProtocol> of(JoinGroupRequestProtocolCollection requested) {
    List<MemberProtocol> protocols = new ArrayList<>(requested.size());
    Set<String> names = HashSet.newHashSet(requested.size());
    for (JoinGroupRequestProtocol each : requested) {
      if (names.add(each.name())) {
        protocols.add(new MemberProtocol(each.name(), each.metadata()));
      }
    }
    return protocols;
  }

  static boolean same(List<MemberProtocol> some, List<MemberProtocol> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (!some.get(i).sameAs(others.get(i))) {
        return false;
      }
    }
    return true;
  }

  static long bytes(List<MemberProtocol> protocols) {
    long bytes = 0;
    for (MemberProtocol each : protocols) {
      bytes += each.metadata.length + each.name.length() + OVERHEAD_BYTES;
    }
    return bytes;
  }

  private boolean sameAs(MemberProtocol other) {
    return name.equals(other.name) && Arrays.equals(metadata, other.metadata);
  }
}

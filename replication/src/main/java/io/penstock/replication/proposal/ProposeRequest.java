package io.penstock.replication.proposal;

import io.penstock.replication.value.CompactBytes;
import java.util.UUID;

/**
 * A command for the leader of a group.
 *
 * @param group its number
 * @param proposer with {@code callId} names this proposal, however often it is sent
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ProposeRequest(int group, UUID proposer, long callId, byte[] command) {

  private static final int VERSION = 1;

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeUnsigned(group);
          out.writeUuid(proposer);
          out.writeUnsigned(callId);
          out.writeBytes(command);
        });
  }

  static ProposeRequest decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in ->
            new ProposeRequest(
                in.readUnsignedInt(), in.readUuid(), in.readUnsigned(), in.readBytes()));
  }
}

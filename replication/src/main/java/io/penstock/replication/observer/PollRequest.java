package io.penstock.replication.observer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.Position;

/**
 * An observer asks for what follows its position.
 *
 * @param group its number
 * @param from who asks, under which directory, and where it is reached: it may become a voter
 * @param have what it has
 * @param waitMs how long the answer may wait for something to come
 * @param bytesMax how many bytes of commands it takes
 */
record PollRequest(int group, Member from, Position have, int waitMs, int bytesMax) {

  private static final int VERSION = 1;

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeUnsigned(group);
          ViewCodec.writeMember(from, out);
          ViewCodec.writePosition(have, out);
          out.writeUnsigned(waitMs);
          out.writeUnsigned(bytesMax);
        });
  }

  static PollRequest decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in ->
            new PollRequest(
                in.readUnsignedInt(),
                ViewCodec.readMember(in),
                ViewCodec.readPosition(in),
                in.readUnsignedInt(),
                in.readUnsignedInt()));
  }
}

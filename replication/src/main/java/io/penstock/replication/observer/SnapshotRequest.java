package io.penstock.replication.observer;

import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.Position;

/**
 * An observer asks for a part of a snapshot.
 *
 * @param group its number
 * @param at of which snapshot; {@link Position#NONE} asks for the first part of the newest
 */
record SnapshotRequest(int group, Position at, long offset, int bytesMax) {

  private static final int VERSION = 1;

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeUnsigned(group);
          ViewCodec.writePosition(at, out);
          out.writeUnsigned(offset);
          out.writeUnsigned(bytesMax);
        });
  }

  static SnapshotRequest decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in ->
            new SnapshotRequest(
                in.readUnsignedInt(),
                ViewCodec.readPosition(in),
                in.readUnsigned(),
                in.readUnsignedInt()));
  }
}

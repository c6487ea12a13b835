package io.penstock.replication.observer;

import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.Position;
import java.util.Arrays;

/**
 * A part of a snapshot.
 *
 * @param found whether the voter has it; if not, begin anew
 * @param at what it shows
 * @param length of the whole
 * @param crc CRC-32C of the whole
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SnapshotAnswer(boolean found, Position at, long length, int crc, byte[] part) {

  private static final int VERSION = 1;

  static final SnapshotAnswer GONE = new SnapshotAnswer(false, Position.NONE, 0, 0, new byte[0]);

  byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          out.writeBoolean(found);
          ViewCodec.writePosition(at, out);
          out.writeUnsigned(length);
          out.writeSigned(crc);
          out.writeBytes(part);
        });
  }

  static SnapshotAnswer decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in ->
            new SnapshotAnswer(
                in.readBoolean(),
                ViewCodec.readPosition(in),
                in.readUnsigned(),
                in.readSignedInt(),
                in.readBytes()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SnapshotAnswer that
        && found == that.found
        && at.equals(that.at)
        && length == that.length
        && crc == that.crc
        && Arrays.equals(part, that.part);
  }

  @Override
  public int hashCode() {
    return at.hashCode();
  }

  @Override
  public String toString() {
    return "found=" + found + " at=" + at + " length=" + length + " part=" + part.length;
  }
}

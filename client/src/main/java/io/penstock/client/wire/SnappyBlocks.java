package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.nio.ByteBuffer;

/**
 * Checks what snappy data claims before a decoder believes it: the Java decoder allocates the
 * lengths that it reads, up to half a gigabyte each. Knows both forms that Kafka clients write: the
 * framed one of the Java library (a 16-byte header, then blocks with a length each), and one bare
 * block. Stateless.
 */
final class SnappyBlocks {

  /**
   * What may be unpacked into one block of memory, on the heap. Bare snappy, which librdkafka
   * writes, unpacks a batch as a whole; all other codecs stream.
   */
  private static final int BLOCK_BYTES_MAX = 32 << 20;

  private static final long FRAMED_MAGIC = 0x82534e4150505900L;
  private static final int FRAMED_MAGIC_HEAD = (int) (FRAMED_MAGIC >>> 32);
  private static final int FRAMED_HEADER_BYTES = 16;

  private SnappyBlocks() {}

  /**
   * Refuses a block that claims more than a whole batch may unpack to, or than any block may.
   *
   * @param bytesMax what the batch may unpack to
   */
  static void check(ByteBuffer packed, long bytesMax) {
    int blockBytesMax = (int) Math.min(bytesMax, BLOCK_BYTES_MAX);
    if (packed.remaining() < Long.BYTES || packed.getLong(packed.position()) != FRAMED_MAGIC) {
      checkBlock(packed, blockBytesMax);
      return;
    }
    while (packed.hasRemaining()) {
      int length = packed.remaining() < Integer.BYTES ? -1 : packed.getInt();
      // Framed streams may have been concatenated, header and all.
      if (length == FRAMED_MAGIC_HEAD) {
        length = FRAMED_HEADER_BYTES - Integer.BYTES;
      } else if (length >= 0 && length <= packed.remaining()) {
        checkBlock(packed.slice().limit(length), blockBytesMax);
      }
      if (length < 0 || length > packed.remaining()) {
        throw new DecodeFailure(Reason.TRUNCATED, "a snappy block that its batch does not hold");
      }
      packed.position(packed.position() + length);
    }
  }

  /** A block starts with its unpacked length as an unsigned varint. */
  private static void checkBlock(ByteBuffer block, int blockBytesMax) {
    long unpacked = 0;
    for (int shift = 0; shift < Integer.SIZE && block.hasRemaining(); shift += 7) {
      byte read = block.get();
      unpacked |= (read & 0x7fL) << shift;
      if (read >= 0) {
        break;
      }
    }
    if (unpacked > blockBytesMax) {
      throw new DecodeFailure(
          Reason.LIMIT_EXCEEDED, "a snappy block that unpacks to " + unpacked + " bytes");
    }
  }
}

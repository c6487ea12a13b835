package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * Unpacks and packs the records of a batch, as bytes: compaction looks at their keys and writes
 * those that stay. Nothing else in the broker unpacks whole batches. Stateless; blocks nothing.
 */
public final class RecordCompression {

  private static final int PIECE_BYTES = 64 << 10;

  private RecordCompression() {}

  /** Takes what comes of it, piece by piece; the buffer is used again afterwards. */
  public interface Sink {
    void append(ByteBuffer piece);
  }

  /**
   * Unpacks the body of a batch.
   *
   * @param codec its number in the attributes of the batch
   * @param packed from position to limit, which stay as they are
   * @param bytesMax what it may unpack to
   */
  public static void unpack(int codec, ByteBuffer packed, long bytesMax, Sink into)
      throws MalformedFrameException {
    byte[] piece = new byte[PIECE_BYTES];
    try (BufferSupplier buffers = BufferSupplier.create()) {
      CompressionType type = CompressionType.forId(codec);
      if (type == CompressionType.SNAPPY) {
        SnappyBlocks.check(packed.slice(), bytesMax);
      }
      long unpacked = 0;
      try (InputStream records =
          Compression.of(type)
              .build()
              .wrapForInput(packed.slice(), RecordBatch.MAGIC_VALUE_V2, buffers)) {
        for (int read = records.read(piece); read >= 0; read = records.read(piece)) {
          unpacked += read;
          if (unpacked > bytesMax) {
            throw new DecodeFailure(
                Reason.LIMIT_EXCEEDED, "a batch that unpacks to more than " + bytesMax + " bytes");
          }
          into.append(ByteBuffer.wrap(piece, 0, read));
        }
      }
    } catch (DecodeFailure e) {
      throw new MalformedFrameException(e.reason(), String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      throw new MalformedFrameException(
          Reason.INVALID_VALUE, "the records of the batch cannot be unpacked: " + e);
    }
  }

  /**
   * Packs records with the codec's default level. Neither all of them nor all that comes of them is
   * ever on the heap, which is not made for batches that unpack to hundreds of megabytes.
   */
  public static void pack(int codec, ByteBuffer records, Sink into) throws MalformedFrameException {
    ByteBufferOutputStream out = new ByteBufferOutputStream(2 * PIECE_BYTES);
    byte[] piece = new byte[PIECE_BYTES];
    ByteBuffer left = records.slice();
    try (OutputStream packing =
        Compression.of(CompressionType.forId(codec))
            .build()
            .wrapForOutput(out, RecordBatch.MAGIC_VALUE_V2)) {
      while (left.hasRemaining()) {
        int bytes = Math.min(left.remaining(), piece.length);
        left.get(piece, 0, bytes);
        packing.write(piece, 0, bytes);
        drain(out, into);
      }
    } catch (IOException | RuntimeException e) {
      throw new MalformedFrameException(
          Reason.INVALID_VALUE, "the records of the batch cannot be packed: " + e);
    }
    drain(out, into);
  }

  private static void drain(ByteBufferOutputStream packed, Sink into) {
    ByteBuffer bytes = packed.buffer().flip();
    if (bytes.hasRemaining()) {
      into.append(bytes);
    }
    bytes.clear();
  }
}

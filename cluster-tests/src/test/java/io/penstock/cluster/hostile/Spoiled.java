package io.penstock.cluster.hostile;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.jspecify.annotations.Nullable;

/** Picks frames that no client would send, by a seed. */
final class Spoiled {
  private Spoiled() {}

  static byte[] frame(FrameFactory factory, Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> randomBytes(random);
      case 1 -> FrameFactory.truncated(factory.metadata(), random);
      case 2 -> FrameFactory.announcing(lengths(random));
      case 3 -> hugeArray(factory.metadata(), random);
      case 4 -> FrameFactory.truncated(produce(factory, random), random);
      case 5 -> factory.produce(null);
      default -> {
        Batch way = Batch.values()[random.nextInt(Batch.values().length)];
        yield factory.produce(way.spoil(FrameFactory.batch(random, codec(random)), random));
      }
    };
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[4 + random.nextInt(500)];
    random.nextBytes(bytes);
    ByteBuffer.wrap(bytes).putInt(0, bytes.length - 4);
    return bytes;
  }

  private static int lengths(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> -1 - random.nextInt(1 << 30);
      case 1 -> Integer.MAX_VALUE - random.nextInt(1000);
      case 2 -> 0;
      default -> (100 << 20) + 1 + random.nextInt(1 << 20);
    };
  }

  /** Replaces the tail of a request by a length that no frame can hold. */
  private static byte[] hugeArray(byte[] frame, Random random) {
    int position = frame.length - 4 - random.nextInt(4);
    for (int i = position; i < frame.length - 1; i++) {
      frame[i] = (byte) 0xff;
    }
    frame[frame.length - 1] = 0x0f;
    return frame;
  }

  private static byte[] produce(FrameFactory factory, Random random) {
    return factory.produce(FrameFactory.batch(random, codec(random)));
  }

  private static Compression codec(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> Compression.NONE;
      case 1 -> Compression.gzip().build();
      default -> Compression.lz4().build();
    };
  }

  /** Ways to spoil a batch whose frame is well-formed. */
  enum Batch {
    BAD_CRC,
    WRONG_MAGIC,
    OLD_MAGIC,
    GARBAGE_IN_RECORDS,
    UNDEFINED_ATTRIBUTE_BITS,
    CONTROL_BATCH,
    UNDEFINED_CODEC,
    COUNT_BELOW_DELTA,
    COUNT_ABOVE_DELTA,
    NO_RECORDS,
    NEGATIVE_COUNT,
    LENGTH_TOO_LONG,
    LENGTH_TOO_SHORT,
    TRUNCATED,
    TRAILING_BYTES,
    NULL_RECORDS,
    EMPTY_RECORDS,
    PRODUCER_ID_WITHOUT_SEQUENCE;

    byte @Nullable [] spoil(byte[] batch, Random random) {
      ByteBuffer view = ByteBuffer.wrap(batch);
      switch (this) {
        case BAD_CRC -> view.putInt(FrameFactory.CRC, view.getInt(FrameFactory.CRC) + 1);
        case WRONG_MAGIC -> view.put(FrameFactory.MAGIC, (byte) (3 + random.nextInt(100)));
        case OLD_MAGIC -> view.put(FrameFactory.MAGIC, (byte) random.nextInt(2));
        case GARBAGE_IN_RECORDS -> garbage(batch, random);
        case LENGTH_TOO_LONG -> view.putInt(FrameFactory.LENGTH, batch.length + 1);
        case LENGTH_TOO_SHORT -> view.putInt(FrameFactory.LENGTH, random.nextInt(49));
        case UNDEFINED_ATTRIBUTE_BITS -> attributes(view, 0x80 << random.nextInt(7));
        case CONTROL_BATCH -> attributes(view, 0x20);
        case UNDEFINED_CODEC ->
            view.putShort(FrameFactory.ATTRIBUTES, (short) (5 + random.nextInt(3)));
        case COUNT_BELOW_DELTA -> add(view, FrameFactory.LAST_OFFSET_DELTA, 1);
        case COUNT_ABOVE_DELTA -> add(view, FrameFactory.RECORD_COUNT, 1 + random.nextInt(1000));
        case NO_RECORDS -> view.putInt(FrameFactory.RECORD_COUNT, 0);
        case NEGATIVE_COUNT -> view.putInt(FrameFactory.RECORD_COUNT, -1);
        case PRODUCER_ID_WITHOUT_SEQUENCE -> view.putLong(FrameFactory.PRODUCER_ID, 5);
        case TRUNCATED -> {
          return FrameFactory.truncated(batch, random);
        }
        case TRAILING_BYTES -> {
          return ByteBuffer.allocate(batch.length + 3).put(batch).array();
        }
        case NULL_RECORDS -> {
          return null;
        }
        case EMPTY_RECORDS -> {
          return new byte[0];
        }
      }
      return keepsCrc() ? batch : FrameFactory.withCrc(batch);
    }

    private boolean keepsCrc() {
      return this == BAD_CRC || this == GARBAGE_IN_RECORDS;
    }

    private static void garbage(byte[] batch, Random random) {
      for (int i = FrameFactory.RECORDS; i < batch.length; i++) {
        batch[i] = (byte) random.nextInt();
      }
      batch[FrameFactory.RECORDS] ^= 1;
    }

    private static void attributes(ByteBuffer view, int bits) {
      int now = view.getShort(FrameFactory.ATTRIBUTES);
      view.putShort(FrameFactory.ATTRIBUTES, (short) (now | bits));
    }

    private static void add(ByteBuffer view, int position, int more) {
      view.putInt(position, view.getInt(position) + more);
    }
  }
}

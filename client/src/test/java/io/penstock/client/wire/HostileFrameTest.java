package io.penstock.client.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.penstock.client.wire.MalformedFrameException.Reason;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can do to us with bytes: nothing but be refused, cheaply. */
@Timeout(120)
class HostileFrameTest {

  /** Leak records are allocations too, and these tests count allocations. */
  @BeforeAll
  static void countNothingButTheDecoder() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  private static final int MIB = 1024 * 1024;

  /** What decoding may allocate beside the message: exception, header, buffers of the first use. */
  private static final long SLACK_BYTES = 256 * 1024;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void mutatedFramesAreDecodedOrRefusedAndNothingElse() {
    long seed = 20261122;
    Random random = new Random(seed);
    List<byte[]> corpus = corpus(random);
    // Once through, so that loading a class is not counted as decoding a frame.
    corpus.forEach(valid -> decode(valid, "seed " + seed));
    for (int i = 0; i < 150_000; i++) {
      byte[] mutant = mutate(corpus.get(random.nextInt(corpus.size())), random);
      long before = THREADS.getCurrentThreadAllocatedBytes();

      decode(mutant, "seed " + seed + " round " + i);

      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(
          allocated < SLACK_BYTES + 200L * mutant.length,
          () -> allocated + " bytes allocated for a frame of " + mutant.length + ", seed " + seed);
    }
  }

  @Test
  void framesFullOfTinyElementsStayWithinTheHeapBudget() {
    FrameLimits limits = FrameLimits.requests();
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : new short[] {api.oldestVersion(), api.latestVersion()}) {
        if (api.hasValidVersion()) {
          for (int fill = 0; fill < 2; fill++) {
            byte[] frame = new byte[MIB / 2];
            Arrays.fill(frame, (byte) fill);
            writeHead(frame, api, version);
            // An array of 60 000 elements, in the compact and in the classic form.
            for (int at : new int[] {11, 12, 13, 15, 17, 19, 21}) {
              byte[] compact = frame.clone();
              putBytes(compact, at, 0xe1, 0xd4, 0x03);
              assertBounded(compact, limits, api + " v" + version + " compact at " + at);
              byte[] classic = frame.clone();
              putBytes(classic, at, 0, 0, 0xea, 0x60);
              assertBounded(classic, limits, api + " v" + version + " classic at " + at);
            }
          }
        }
      }
    }
  }

  @Test
  void hugeArrayInAHugeFrameIsRefusedAtItsLength() {
    assertRefused(
        Reason.ARRAY_TOO_LONG,
        metadataV9(
            100 * MIB,
            f -> {
              putVarint(f, 100 * MIB - 30);
              f.writeZero(100 * MIB - 30);
            }));
  }

  @Test
  void arrayLongerThanItsFrameIsRefusedAtItsLength() {
    assertRefused(Reason.TRUNCATED, metadataV9(64, f -> putVarint(f, 50_000)));
  }

  @Test
  void negativeClassicLengthsAreRefused() {
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
    frame.writeShort(ApiKeys.DELETE_TOPICS.id).writeShort(1).writeInt(1).writeShort(-1);
    frame.writeInt(Integer.MIN_VALUE);
    assertRefused(Reason.INVALID_VALUE, frame);
  }

  @Test
  void taggedFieldsByTheMillionAreRefused() {
    assertRefused(
        Reason.ARRAY_TOO_LONG,
        metadataV9(
            4 * MIB,
            f -> {
              f.writeByte(1).writeMedium(0);
              putVarint(f, 1_000_000);
              f.writeZero(3 * MIB);
            }));
  }

  @Test
  void giantTaggedFieldIsRefusedBeforeItIsCopied() {
    assertRefused(
        Reason.FIELD_TOO_LONG,
        metadataV9(
            64 * MIB,
            f -> {
              f.writeByte(1).writeMedium(0);
              putVarint(f, 1);
              putVarint(f, 77);
              putVarint(f, 60 * MIB);
              f.writeZero(60 * MIB);
            }));
  }

  @Test
  void equalKeysByTheThousandDoNotCostQuadraticTime() {
    // CreateTopics v5: 90 000 topics without a name would probe four thousand million slots.
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
    frame.writeShort(ApiKeys.CREATE_TOPICS.id).writeShort(5).writeInt(1).writeShort(-1);
    frame.writeByte(0);
    putVarint(frame, 90_001);
    frame.writeZero(90_000 * 12);
    assertRefused(Reason.LIMIT_EXCEEDED, frame);
  }

  @Test
  void equalKeysInACollectionThatGrowsAreRefusedAfterItsFirstGrowth() {
    assertRefused(Reason.LIMIT_EXCEEDED, createTopics(9_000, i -> "x"));
  }

  @Test
  void equalKeysInManySmallerCollectionsAreRefusedToo() {
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
    frame.writeShort(ApiKeys.CREATE_TOPICS.id).writeShort(5).writeInt(1).writeShort(-1);
    frame.writeByte(0);
    putVarint(frame, 41);
    for (int topic = 0; topic < 40; topic++) {
      frame.writeByte(2).writeByte(topic).writeInt(1).writeShort(1).writeByte(1);
      putVarint(frame, 501);
      for (int config = 0; config < 500; config++) {
        frame.writeByte(1).writeByte(1).writeByte(0);
      }
      frame.writeByte(0);
    }
    frame.writeInt(1).writeByte(0).writeByte(0);
    assertRefused(Reason.LIMIT_EXCEEDED, frame);
  }

  @Test
  void distinctKeysByTheThousandAreDecoded() throws Exception {
    ByteBuf frame = createTopics(9_000, i -> "topic-" + i);

    try (RequestFrame request = ApiCodec.decodeRequest(frame, FrameLimits.requests())) {
      assertEquals(9_000, ((CreateTopicsRequestData) request.message()).topics().size());
    }
  }

  @Test
  void responsesOfAHostileServerAreRefusedToo() {
    Random random = new Random(7);
    RandomMessages messages = new RandomMessages(random);
    for (ApiKeys api : List.of(ApiKeys.METADATA, ApiKeys.FETCH, ApiKeys.API_VERSIONS)) {
      short version = api.latestVersion();
      byte[] valid = Frames.response(api, version, 1, messages.response(api, version));
      for (int i = 0; i < 2_000; i++) {
        ByteBuf frame = Frames.direct(mutate(valid, random));
        try {
          ApiCodec.decodeResponse(api, version, frame, FrameLimits.responses()).close();
        } catch (MalformedFrameException e) {
          assertEquals(0, frame.refCnt());
        }
      }
    }
  }

  private static ByteBuf createTopics(int count, IntFunction<String> name) {
    CreateTopicsRequestData request = new CreateTopicsRequestData();
    byte[] empty = Frames.request(ApiKeys.CREATE_TOPICS, (short) 5, 1, request);
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
    // Behind the empty array (one byte) stand timeout, validate-only and the count of tags.
    int arrayAt = empty.length - 7;
    frame.writeBytes(empty, 0, arrayAt);
    putVarint(frame, count + 1);
    for (int i = 0; i < count; i++) {
      byte[] bytes = name.apply(i).getBytes(StandardCharsets.UTF_8);
      frame.writeByte(bytes.length + 1).writeBytes(bytes);
      frame.writeInt(1).writeShort(1).writeByte(1).writeByte(1).writeByte(0);
    }
    return frame.writeBytes(empty, arrayAt + 1, 6);
  }

  private static List<byte[]> corpus(Random random) {
    RandomMessages messages = new RandomMessages(random);
    List<byte[]> corpus = new ArrayList<>();
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : api.allVersions()) {
        corpus.add(Frames.request(api, version, 1, messages.request(api, version)));
      }
    }
    return corpus;
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] mutant =
        random.nextInt(4) == 0
            ? Arrays.copyOf(original, random.nextInt(original.length + 8))
            : original.clone();
    for (int n = random.nextInt(4); n >= 0 && mutant.length > 9; n--) {
      // Key and version stay, or nearly every mutant would end there.
      int at = 8 + random.nextInt(mutant.length - 8);
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] = (byte) random.nextInt();
        case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> putBytes(mutant, at, 0x7f, 0xff, 0xff, 0xff);
        default -> putBytes(mutant, at, 0xff, 0xff, 0xff, 0xff, 0x07);
      }
    }
    return mutant;
  }

  private static void decode(byte[] bytes, String where) {
    ByteBuf frame = Frames.direct(bytes);
    try {
      ApiCodec.decodeRequest(frame, FrameLimits.requests()).close();
    } catch (MalformedRequestException e) {
      // Refused: that is an answer.
    } catch (RuntimeException | Error e) {
      fail(where, e);
    }
    assertEquals(0, frame.refCnt(), where);
  }

  private static void assertBounded(byte[] bytes, FrameLimits limits, String where) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    decode(bytes, where);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(
        allocated < limits.heapBytesMax() + SLACK_BYTES, () -> allocated + " bytes for " + where);
  }

  private static void assertRefused(Reason reason, ByteBuf frame) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    MalformedRequestException refusal =
        assertThrows(
            MalformedRequestException.class,
            () -> ApiCodec.decodeRequest(frame, FrameLimits.requests()));
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertEquals(reason, refusal.reason(), refusal.getMessage());
    assertTrue(allocated < 4L * MIB, () -> allocated + " bytes allocated");
    assertEquals(0, frame.refCnt());
  }

  private static ByteBuf metadataV9(int capacity, Consumer<ByteBuf> body) {
    ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(capacity);
    frame.writeShort(ApiKeys.METADATA.id).writeShort(9).writeInt(1).writeShort(-1).writeByte(0);
    body.accept(frame);
    return frame;
  }

  private static void putVarint(ByteBuf frame, int value) {
    new ByteBufWritable(frame).writeUnsignedVarint(value);
  }

  private static void putBytes(byte[] target, int at, int... bytes) {
    for (int i = 0; i < bytes.length && at + i < target.length; i++) {
      target[at + i] = (byte) bytes[i];
    }
  }

  private static void writeHead(byte[] frame, ApiKeys api, short version) {
    putBytes(frame, 0, api.id >> 8, api.id, version >> 8, version, 0, 0, 0, 1, 0xff, 0xff, 0);
  }
}

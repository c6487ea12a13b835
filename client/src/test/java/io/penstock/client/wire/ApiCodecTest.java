package io.penstock.client.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.penstock.client.wire.MalformedFrameException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

/** Every message in every version against kafka-clients' own reader and writer. */
class ApiCodecTest {

  private static final int SEEDS = 5;

  @Test
  void everyRequestOfEveryVersionReadsAsKafkaReadsIt() throws Exception {
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : api.allVersions()) {
        for (int seed = 0; seed < SEEDS; seed++) {
          ApiMessage expected = new RandomMessages(new Random(seed)).request(api, version);
          byte[] bytes = Frames.request(api, version, seed, expected);

          try (RequestFrame frame =
              ApiCodec.decodeRequest(Frames.direct(bytes), FrameLimits.requests())) {
            String where = api + " v" + version + " seed " + seed;
            assertEquals(expected, frame.message(), where);
            assertEquals(api, frame.api(), where);
            assertEquals(version, frame.version(), where);
            assertEquals(seed, frame.correlationId(), where);
            assertEquals("c", frame.clientId(), where);
          }
        }
      }
    }
  }

  @Test
  void everyRequestOfEveryVersionIsWrittenAsKafkaWritesIt() {
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : api.allVersions()) {
        for (int seed = 0; seed < SEEDS; seed++) {
          ApiMessage message = new RandomMessages(new Random(seed)).request(api, version);

          ByteBuf encoded =
              ApiCodec.encodeRequest(
                  api, version, seed, "c", message, PooledByteBufAllocator.DEFAULT);

          assertArrayEquals(
              Frames.request(api, version, seed, message),
              Frames.withoutLength(encoded),
              api + " v" + version + " seed " + seed);
        }
      }
    }
  }

  @Test
  void everyResponseOfEveryVersionReadsAsKafkaReadsIt() throws Exception {
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : api.allVersions()) {
        for (int seed = 0; seed < SEEDS; seed++) {
          ApiMessage expected = new RandomMessages(new Random(seed)).response(api, version);
          byte[] bytes = Frames.response(api, version, seed, expected);

          try (ReceivedResponse response =
              ApiCodec.decodeResponse(
                  api, version, Frames.direct(bytes), FrameLimits.responses())) {
            assertEquals(expected, response.message(), api + " v" + version + " seed " + seed);
            assertEquals(seed, response.correlationId());
          }
        }
      }
    }
  }

  @Test
  void everyResponseOfEveryVersionIsWrittenAsKafkaWritesIt() {
    for (ApiKeys api : ApiKeys.values()) {
      for (short version : api.allVersions()) {
        for (int seed = 0; seed < SEEDS; seed++) {
          ApiMessage message = new RandomMessages(new Random(seed)).response(api, version);

          ResponseFrame frame =
              ApiCodec.encodeResponse(api, version, seed, message, PooledByteBufAllocator.DEFAULT);

          byte[] expected = Frames.response(api, version, seed, message);
          assertEquals(expected.length + Integer.BYTES, frame.size());
          assertArrayEquals(
              expected,
              Frames.withoutLength(frame.takeBytes()),
              api + " v" + version + " seed " + seed);
        }
      }
    }
  }

  @Test
  void apiVersionsResponseHasTheOldestHeaderInEveryVersion() {
    ResponseFrame frame =
        ApiCodec.encodeResponse(
            ApiKeys.API_VERSIONS,
            (short) 3,
            7,
            new ApiVersionsResponseData(),
            PooledByteBufAllocator.DEFAULT);

    byte[] bytes = Frames.withoutLength(frame.takeBytes());
    ByteBuffer content = ByteBuffer.wrap(bytes);
    assertEquals(7, content.getInt());
    assertEquals(0, content.getShort(), "the error code follows the correlation id at once");
  }

  @Test
  void recordsOfARequestAreAViewOnItsFrame() throws Exception {
    byte[] records = "these are records".getBytes(StandardCharsets.UTF_8);
    ByteBuf buffer = Frames.direct(Frames.request(ApiKeys.PRODUCE, (short) 9, 1, produce(records)));

    try (RequestFrame frame = ApiCodec.decodeRequest(buffer, FrameLimits.requests())) {
      ByteBuffer view = recordsOf(frame);
      assertTrue(view.isDirect());
      assertFalse(view.isReadOnly());
      assertEquals(ByteBuffer.wrap(records), view);
      view.put(0, (byte) 'T');
      assertEquals((byte) 'T', recordsOf(frame).get(0));
    }
    assertEquals(0, buffer.refCnt());
  }

  @Test
  void nullRecordsAndNullClientIdAreNull() throws Exception {
    byte[] noClientId = {0, 3, 0, 1, 0, 0, 0, 9, -1, -1, 0, 0, 0, 0};
    try (RequestFrame frame =
        ApiCodec.decodeRequest(Frames.direct(noClientId), FrameLimits.requests())) {
      assertNull(frame.clientId());
      assertEquals(
          new MetadataRequestData().setTopics(java.util.List.of()).topics(),
          ((MetadataRequestData) frame.message()).topics());
    }
    assertNull(WireRecords.bytesOf(null));
  }

  @Test
  void headOfAnUnknownApiVersionsVersionCanBeRead() throws Exception {
    ByteBuf frame = Unpooled.buffer().writeShort(18).writeShort(99).writeInt(5).writeByte(1);

    RequestHead head = ApiCodec.peekRequest(frame);

    assertEquals(new RequestHead((short) 18, (short) 99, 5), head);
    assertEquals(ApiKeys.API_VERSIONS, head.api());
    assertFalse(head.isDecodable());
    assertEquals(9, frame.readableBytes());
    frame.release();
  }

  @Test
  void refusalsCarryTheirReasonAndReleaseTheFrame() {
    byte[] valid = Frames.request(ApiKeys.API_VERSIONS, (short) 3, 1, new ApiVersionsRequestData());
    assertRefused(Reason.TRUNCATED, new byte[] {0, 18, 0});
    assertRefused(Reason.TRUNCATED, java.util.Arrays.copyOf(valid, valid.length - 1));
    assertRefused(Reason.TRAILING_BYTES, java.util.Arrays.copyOf(valid, valid.length + 1));
    assertRefused(Reason.UNKNOWN_API, new byte[] {3, 3, 0, 0, 0, 0, 0, 1, 0, 0});
    assertRefused(Reason.UNKNOWN_API, new byte[] {-1, -1, 0, 0, 0, 0, 0, 1, 0, 0});
    assertRefused(Reason.UNSUPPORTED_VERSION, new byte[] {0, 18, 0, 99, 0, 0, 0, 1, 0, 0});
    assertRefused(Reason.UNSUPPORTED_VERSION, new byte[] {0, 18, -1, -1, 0, 0, 0, 1, 0, 0});
    assertRefused(
        Reason.VARINT_OVERFLOW, new byte[] {0, 18, 0, 3, 0, 0, 0, 1, 0, 0, -1, -1, -1, -1, -1, 0});
    assertRefused(
        Reason.VARINT_OVERFLOW, new byte[] {0, 18, 0, 3, 0, 0, 0, 1, 0, 0, -1, -1, -1, -1, 127, 0});
  }

  private static void assertRefused(Reason reason, byte[] bytes) {
    ByteBuf frame = Frames.direct(bytes);
    MalformedRequestException refusal =
        assertThrows(
            MalformedRequestException.class,
            () -> ApiCodec.decodeRequest(frame, FrameLimits.requests()));
    assertEquals(reason, refusal.reason(), refusal.getMessage());
    assertEquals(0, frame.refCnt());
  }

  private static ProduceRequestData produce(byte[] records) {
    ProduceRequestData.TopicProduceData topic =
        new ProduceRequestData.TopicProduceData()
            .setName("t")
            .setPartitionData(
                java.util.List.of(
                    new ProduceRequestData.PartitionProduceData()
                        .setRecords(WireRecords.ofBytes(ByteBuffer.wrap(records)))));
    ProduceRequestData request = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000);
    request.topicData().add(topic);
    return request;
  }

  private static ByteBuffer recordsOf(RequestFrame frame) {
    ProduceRequestData produce = (ProduceRequestData) frame.message();
    ByteBuffer bytes =
        WireRecords.bytesOf(produce.topicData().iterator().next().partitionData().get(0).records());
    return java.util.Objects.requireNonNull(bytes);
  }
}

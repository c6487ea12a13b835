package io.penstock.client.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Order of the parts of an encoded frame, and who releases them when. */
class ResponseFrameTest {

  private static final short VERSION = 12;

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final List<FakeRange> ranges = new ArrayList<>();

  @AfterEach
  void everyBufferAndRangeWasReleasedOnce() {
    assertEquals(0, allocator.metric().usedDirectMemory());
    for (FakeRange range : ranges) {
      assertEquals(1, range.releases, range.content);
    }
  }

  @Test
  void partsStandInWireOrderAndSumUpToTheSize() {
    FetchResponseData response =
        fetch(
            WireRecords.ofRange(range("first")),
            WireRecords.empty(),
            WireRecords.ofRanges(List.of(range("second"), range("third"))));
    byte[] expected =
        Frames.response(ApiKeys.FETCH, VERSION, 3, inMemory("first", "", "secondthird"));

    try (ResponseFrame frame = encode(response)) {
      assertFalse(frame.isBytesOnly());
      assertEquals(expected.length + 4, frame.size());
      assertEquals(frame.size(), frame.parts().stream().mapToLong(p -> p.size()).sum());
      assertArrayEquals(expected, Frames.withoutLength(flatten(frame)));
    }
  }

  @Test
  void emptyRangesLeaveNoPartAndAreReleasedAtOnce() {
    FakeRange empty = range("");

    try (ResponseFrame frame = encode(fetch(WireRecords.ofRange(empty)))) {
      assertEquals(1, empty.releases);
      assertTrue(frame.isBytesOnly());
    }
  }

  @Test
  void closingTwiceReleasesOnce() {
    ResponseFrame frame = encode(fetch(WireRecords.ofRange(range("x"))));

    frame.close();
    frame.close();

    assertTrue(frame.parts().isEmpty());
  }

  @Test
  void bytesTakenOutBelongToTheTaker() {
    ResponseFrame frame = encode(fetch());

    ByteBuf bytes = frame.takeBytes();
    frame.close();

    assertEquals(frame.size(), bytes.readableBytes());
    bytes.release();
  }

  @Test
  void bytesOfAFrameWithRangesCannotBeTaken() {
    try (ResponseFrame frame = encode(fetch(WireRecords.ofRange(range("x"))))) {
      assertThrows(IllegalStateException.class, frame::takeBytes);
    }
  }

  @Test
  void failedEncodingReleasesRangesWrittenAndNotYetWritten() {
    FetchResponseData response =
        fetch(
            WireRecords.ofRange(range("written")),
            new Unwritable(),
            WireRecords.ofRange(range("not yet")));

    assertThrows(IllegalArgumentException.class, () -> encode(response));
  }

  @Test
  void encodingThatFailsInTheSizePassReleasesRangesAndKeepsNoBuffer() {
    FetchResponseData response = fetch(WireRecords.ofRange(range("x")));
    // A topic id cannot be left out where the version has nothing else to name a topic by.
    response.responses().get(0).setTopic(null);

    assertThrows(RuntimeException.class, () -> encode(response));
  }

  @Test
  void droppedResponseReleasesItsRanges() {
    FetchResponseData response = fetch(WireRecords.ofRange(range("x")));

    WireRecords.release(response);
    WireRecords.release(response);
    WireRecords.release(new ProduceResponseData());

    assertInstanceOf(RangeRecords.class, response.responses().get(0).partitions().get(0).records());
  }

  @Test
  void fieldThatTheVersionCannotCarryIsRefused() {
    MetadataRequestData request = new MetadataRequestData().setAllowAutoTopicCreation(false);

    assertThrows(
        UnsupportedVersionException.class,
        () -> ApiCodec.encodeRequest(ApiKeys.METADATA, (short) 0, 1, null, request, allocator));
  }

  @Test
  void recordsOfARequestAreSentWithoutACopy() {
    ByteBuffer records = ByteBuffer.wrap("records".getBytes(StandardCharsets.UTF_8));
    var partition =
        new ProduceRequestData.PartitionProduceData().setRecords(WireRecords.ofBytes(records));
    var request = new ProduceRequestData();
    request
        .topicData()
        .add(
            new ProduceRequestData.TopicProduceData()
                .setName("t")
                .setPartitionData(List.of(partition)));

    ByteBuf frame = ApiCodec.encodeRequest(ApiKeys.PRODUCE, (short) 9, 1, null, request, allocator);

    assertEquals(3, frame.nioBufferCount());
    records.put(0, (byte) 'R');
    assertTrue(frame.toString(StandardCharsets.UTF_8).contains("Records"));
    frame.release();
  }

  private ResponseFrame encode(FetchResponseData response) {
    return ApiCodec.encodeResponse(ApiKeys.FETCH, VERSION, 3, response, allocator);
  }

  private FakeRange range(String content) {
    FakeRange range = new FakeRange(content);
    ranges.add(range);
    return range;
  }

  private static FetchResponseData inMemory(String... contents) {
    List<BaseRecords> records = new ArrayList<>();
    for (String content : contents) {
      records.add(WireRecords.ofBytes(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8))));
    }
    return fetch(records.toArray(new BaseRecords[0]));
  }

  private static FetchResponseData fetch(BaseRecords... records) {
    List<FetchResponseData.PartitionData> partitions = new ArrayList<>();
    for (BaseRecords each : records) {
      partitions.add(
          new FetchResponseData.PartitionData()
              .setPartitionIndex(partitions.size())
              .setRecords(each));
    }
    return new FetchResponseData()
        .setResponses(
            List.of(
                new FetchResponseData.FetchableTopicResponse()
                    .setTopic("topic")
                    .setPartitions(partitions)));
  }

  private static ByteBuf flatten(ResponseFrame frame) {
    ByteBuf all = Unpooled.buffer();
    for (ResponseFrame.Part part : frame.parts()) {
      if (part instanceof ResponseFrame.Bytes bytes) {
        all.writeBytes(bytes.buffer().duplicate());
      } else if (part instanceof ResponseFrame.Range range) {
        all.writeCharSequence(((FakeRange) range.range()).content, StandardCharsets.UTF_8);
      }
    }
    return all;
  }

  /** Records that no codec knows. */
  private static final class Unwritable implements BaseRecords {
    @Override
    public int sizeInBytes() {
      return 1;
    }

    @Override
    public org.apache.kafka.common.record.internal.RecordsSend<? extends BaseRecords> toSend() {
      throw new UnsupportedOperationException();
    }
  }

  private static final class FakeRange implements FileRange {
    private final String content;
    private int releases;

    FakeRange(String content) {
      this.content = content;
    }

    @Override
    public int fd() {
      return -1;
    }

    @Override
    public long position() {
      return 0;
    }

    @Override
    public int size() {
      return content.length();
    }

    @Override
    public void release() {
      releases++;
    }
  }
}

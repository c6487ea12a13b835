package io.penstock.cluster.hostile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** Well-formed request frames, and ways to spoil them. A frame here includes its length field. */
final class FrameFactory {
  /** Positions in a v2 batch (KIP-98). */
  static final int LENGTH = 8;

  static final int MAGIC = 16;
  static final int CRC = 17;
  static final int ATTRIBUTES = 21;
  static final int LAST_OFFSET_DELTA = 23;
  static final int PRODUCER_ID = 43;
  static final int RECORD_COUNT = 57;
  static final int RECORDS = 61;

  private static final short PRODUCE_VERSION = 9;
  private final String topic;

  FrameFactory(String topic) {
    this.topic = topic;
  }

  static byte[] apiVersions() {
    var data =
        new ApiVersionsRequestData()
            .setClientSoftwareName("frame-factory")
            .setClientSoftwareVersion("1");
    return frame(ApiKeys.API_VERSIONS, (short) 3, data);
  }

  byte[] metadata() {
    var topics = List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic));
    return frame(ApiKeys.METADATA, (short) 12, new MetadataRequestData().setTopics(topics));
  }

  byte[] produce(byte @Nullable [] batch) {
    var partition =
        new ProduceRequestData.PartitionProduceData()
            .setIndex(0)
            .setRecords(
                batch == null ? null : MemoryRecords.readableRecords(ByteBuffer.wrap(batch)));
    var topicData = new ProduceRequestData.TopicProduceData().setName(topic);
    topicData.setPartitionData(List.of(partition));
    var topics = new ProduceRequestData.TopicProduceDataCollection();
    topics.add(topicData);
    var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(5000).setTopicData(topics);
    return frame(ApiKeys.PRODUCE, PRODUCE_VERSION, data);
  }

  /** One valid batch of a few records. */
  static byte[] batch(Random random, Compression compression) {
    SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(5)];
    for (int i = 0; i < records.length; i++) {
      byte[] value = new byte[random.nextInt(200)];
      random.nextBytes(value);
      records[i] =
          new SimpleRecord(1_700_000_000_000L + i, "key".getBytes(StandardCharsets.UTF_8), value);
    }
    ByteBuffer buffer = MemoryRecords.withRecords(compression, records).buffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Makes the CRC right again after a header field was changed. */
  static byte[] withCrc(byte[] batch) {
    CRC32C crc = new CRC32C();
    crc.update(batch, ATTRIBUTES, batch.length - ATTRIBUTES);
    ByteBuffer.wrap(batch).putInt(CRC, (int) crc.getValue());
    return batch;
  }

  static byte[] truncated(byte[] frame, Random random) {
    return Arrays.copyOf(frame, 1 + random.nextInt(frame.length - 1));
  }

  static byte[] flipped(byte[] frame, Random random) {
    byte[] bytes = frame.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      bytes[4 + random.nextInt(bytes.length - 4)] ^= (byte) (1 + random.nextInt(255));
    }
    return bytes;
  }

  static byte[] announcing(int length) {
    return ByteBuffer.allocate(4).putInt(length).array();
  }

  private static byte[] frame(ApiKeys api, short version, ApiMessage message) {
    var header =
        new RequestHeaderData()
            .setRequestApiKey(api.id)
            .setRequestApiVersion(version)
            .setCorrelationId(7)
            .setClientId("frame-factory");
    short headerVersion = api.requestHeaderVersion(version);
    var cache = new ObjectSerializationCache();
    int size = header.size(cache, headerVersion) + message.size(cache, version);
    ByteBuffer buffer = ByteBuffer.allocate(4 + size).putInt(size);
    header.write(new ByteBufferAccessor(buffer), cache, headerVersion);
    message.write(new ByteBufferAccessor(buffer), cache, version);
    return buffer.array();
  }
}

package io.penstock.node.net;

import io.netty.buffer.Unpooled;
import io.penstock.client.wire.WireRecords;
import io.penstock.node.net.region.TestFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Requests and responses of the tests. */
final class TestRequests {

  private TestRequests() {}

  static byte[] listGroups(int correlationId) {
    return TestClient.request(ApiKeys.LIST_GROUPS, 4, correlationId, new ListGroupsRequestData());
  }

  static byte[] fetch(int correlationId) {
    return TestClient.request(ApiKeys.FETCH, 12, correlationId, new FetchRequestData());
  }

  static byte[] produce(int correlationId, int size) {
    return produce(correlationId, new byte[size]);
  }

  static byte[] produce(int correlationId, byte[] records) {
    ProduceRequestData request = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000);
    request
        .topicData()
        .add(
            new ProduceRequestData.TopicProduceData()
                .setName("topic")
                .setPartitionData(
                    List.of(
                        new ProduceRequestData.PartitionProduceData()
                            .setIndex(0)
                            .setRecords(WireRecords.ofBytes(ByteBuffer.wrap(records))))));
    return TestClient.request(ApiKeys.PRODUCE, 9, correlationId, request);
  }

  static ByteBuffer recordsOf(ProduceRequestData request) {
    ByteBuffer records =
        WireRecords.bytesOf(request.topicData().iterator().next().partitionData().get(0).records());
    return records == null ? ByteBuffer.allocate(0) : records;
  }

  static byte[] announcement(int length) {
    return Unpooled.buffer()
        .writeInt(length)
        .writeShort(ApiKeys.PRODUCE.id)
        .writeShort(9)
        .writeInt(1)
        .capacity(12)
        .array();
  }

  static FetchResponseData fetchResponse(TestFile file, long position, int size) {
    return new FetchResponseData()
        .setResponses(
            List.of(
                new FetchResponseData.FetchableTopicResponse()
                    .setTopic("topic")
                    .setPartitions(
                        List.of(
                            new FetchResponseData.PartitionData()
                                .setRecords(WireRecords.ofRange(file.range(position, size)))))));
  }

  static List<Integer> correlationIds(TestClient client, int count) throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(client.readCorrelationId());
    }
    return ids;
  }
}

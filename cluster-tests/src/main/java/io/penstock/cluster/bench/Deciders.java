package io.penstock.cluster.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Who decides for a cluster: the leaders of Penstock's two Raft groups, or Kafka's active
 * controller.
 */
final class Deciders {
  private static final int GROUPS = 2;
  private static final int ANSWER_MS_MAX = 5_000;

  private Deciders() {}

  /** The ids of the nodes that lead a group now, as the first of these nodes says that answers. */
  static Set<Integer> of(String bootstrap) throws IOException {
    IOException last = new IOException("no nodes");
    for (String address : bootstrap.split(",", -1)) {
      try {
        Set<Integer> leaders = new TreeSet<>();
        for (int group = 0; group < GROUPS; group++) {
          leaders.addAll(leadersOf(address, group));
        }
        if (!leaders.isEmpty()) {
          return leaders;
        }
      } catch (IOException notThis) {
        last = notThis;
      }
    }
    throw last;
  }

  private static List<Integer> leadersOf(String address, int group) throws IOException {
    var partition = new DescribeQuorumRequestData.PartitionData().setPartitionIndex(group);
    var topic =
        new DescribeQuorumRequestData.TopicData()
            .setTopicName("__cluster_metadata")
            .setPartitions(List.of(partition));
    var data = new DescribeQuorumRequestData().setTopics(List.of(topic));
    DescribeQuorumRequest request = new DescribeQuorumRequest.Builder(data).build();
    RequestHeader header = new RequestHeader(request.apiKey(), request.version(), "bench", 1);
    int colon = address.lastIndexOf(':');
    try (Socket socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
      socket.setSoTimeout(ANSWER_MS_MAX);
      ByteBuffer body = request.serializeWithHeader(header);
      ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
      frame.putInt(body.remaining()).put(body);
      socket.getOutputStream().write(frame.array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readInt()];
      in.readFully(answer);
      var response =
          (DescribeQuorumResponse) AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
      return response.data().topics().stream()
          .flatMap(one -> one.partitions().stream())
          .filter(one -> one.errorCode() == Errors.NONE.code() && one.leaderId() >= 0)
          .flatMap(one -> Stream.of(one.leaderId()))
          .toList();
    }
  }
}

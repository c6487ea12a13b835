package io.penstock.cluster.bench;

import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeQuorumRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.requests.DescribeQuorumResponse;

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
    try (NodeClient calls = NodeClient.at(address, ANSWER_MS_MAX)) {
      var response = calls.ask(request, DescribeQuorumResponse.class);
      return response.data().topics().stream()
          .flatMap(one -> one.partitions().stream())
          .filter(one -> one.errorCode() == Errors.NONE.code() && one.leaderId() >= 0)
          .flatMap(one -> Stream.of(one.leaderId()))
          .toList();
    }
  }
}

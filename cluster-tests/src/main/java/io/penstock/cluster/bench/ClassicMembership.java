package io.penstock.cluster.bench;

import io.penstock.cluster.wire.NodeClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/** By the classic protocol, where one of the members assigns: here each gets one partition. */
final class ClassicMembership implements Membership {
  private static final String TYPE = "consumer";
  private static final String ASSIGNOR = "range";
  private static final int SESSION_MS = 45_000;
  private static final int REBALANCE_MS = 60_000;
  private static final int HEARTBEAT_MS = 3_000;

  private final String group;
  private final String topic;
  private String memberId = "";
  private int generation = -1;

  ClassicMembership(String group, String topic) {
    this.group = group;
    this.topic = topic;
  }

  @Override
  public void join(NodeClient coordinator) throws IOException {
    boolean synced = false;
    while (!synced) {
      JoinGroupResponseData joined = coordinator.ask(joinRequest(), JoinGroupResponse.class).data();
      switch (Errors.forCode(joined.errorCode())) {
        case NONE -> synced = sync(coordinator, joined);
        case MEMBER_ID_REQUIRED -> memberId = joined.memberId();
        case UNKNOWN_MEMBER_ID -> memberId = "";
        case REBALANCE_IN_PROGRESS -> generation = -1;
        default -> throw new RefusedException("JoinGroup: " + Errors.forCode(joined.errorCode()));
      }
    }
  }

  private JoinGroupRequest joinRequest() {
    ByteBuffer subscription =
        ConsumerProtocol.serializeSubscription(new Subscription(List.of(topic)));
    var protocols = new JoinGroupRequestProtocolCollection();
    protocols.add(
        new JoinGroupRequestProtocol().setName(ASSIGNOR).setMetadata(bytes(subscription)));
    var data =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setMemberId(memberId)
            .setProtocolType(TYPE)
            .setProtocols(protocols)
            .setSessionTimeoutMs(SESSION_MS)
            .setRebalanceTimeoutMs(REBALANCE_MS);
    return new JoinGroupRequest.Builder(data).build();
  }

  /** Whether this is a generation; otherwise there is another rebalance already. */
  private boolean sync(NodeClient coordinator, JoinGroupResponseData joined) throws IOException {
    memberId = joined.memberId();
    generation = joined.generationId();
    List<SyncGroupRequestAssignment> assignments = new ArrayList<>();
    if (joined.leader().equals(memberId)) {
      for (var member : joined.members()) {
        var partition = new TopicPartition(topic, assignments.size());
        var assignment = ConsumerProtocol.serializeAssignment(new Assignment(List.of(partition)));
        assignments.add(
            new SyncGroupRequestAssignment()
                .setMemberId(member.memberId())
                .setAssignment(bytes(assignment)));
      }
    }
    var data =
        new SyncGroupRequestData()
            .setGroupId(group)
            .setMemberId(memberId)
            .setGenerationId(generation)
            .setProtocolType(TYPE)
            .setProtocolName(ASSIGNOR)
            .setAssignments(assignments);
    Errors error =
        coordinator
            .ask(new SyncGroupRequest.Builder(data).build(), SyncGroupResponse.class)
            .error();
    if (error != Errors.NONE && error != Errors.REBALANCE_IN_PROGRESS) {
      throw new RefusedException("SyncGroup: " + error);
    }
    return error == Errors.NONE;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Override
  public boolean heartbeat(NodeClient coordinator) throws IOException {
    var data =
        new HeartbeatRequestData()
            .setGroupId(group)
            .setMemberId(memberId)
            .setGenerationId(generation);
    Errors error =
        coordinator
            .ask(new HeartbeatRequest.Builder(data).build(), HeartbeatResponse.class)
            .error();
    return switch (error) {
      case NONE -> true;
      case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID -> false;
      default -> throw new RefusedException("Heartbeat: " + error);
    };
  }

  @Override
  public int heartbeatMs() {
    return HEARTBEAT_MS;
  }

  @Override
  public String memberId() {
    return memberId;
  }

  @Override
  public int epoch() {
    return generation;
  }
}

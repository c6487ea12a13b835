package io.penstock.node.group.classic;

import io.penstock.node.group.effect.GroupSnapshot;
import io.penstock.node.group.effect.Reply;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.jspecify.annotations.Nullable;

/**
 * One member of a classic group: what it can do, what it was assigned, where it waits and until
 * when it counts as alive. Its answers are parked through {@link ClassicMembers}, which counts
 * them.
 */
final class ClassicMember {

  static final byte[] NO_BYTES = {};

  private final String id;
  private final @Nullable String instanceId;
  private final String clientId;
  private final String clientHost;

  private int rebalanceTimeoutMs;
  private int sessionTimeoutMs;
  private List<MemberProtocol> protocols;
  private byte[] assignment = NO_BYTES;
  private @Nullable Reply<JoinGroupResponseData> joining;
  private @Nullable Reply<SyncGroupResponseData> syncing;
  private boolean isNew;
  private long deadlineMs;

  ClassicMember(String id, JoinCall call, List<MemberProtocol> protocols) {
    this.id = id;
    this.instanceId = call.request().groupInstanceId();
    this.clientId = call.clientId();
    this.clientHost = call.clientHost();
    this.rebalanceTimeoutMs = call.rebalanceTimeoutMs();
    this.sessionTimeoutMs = call.request().sessionTimeoutMs();
    this.protocols = protocols;
  }

  ClassicMember(GroupSnapshot.Member stored, String protocol) {
    this.id = stored.memberId();
    this.instanceId = stored.instanceId();
    this.clientId = stored.clientId();
    this.clientHost = stored.clientHost();
    this.rebalanceTimeoutMs = stored.rebalanceTimeoutMs();
    this.sessionTimeoutMs = stored.sessionTimeoutMs();
    this.protocols = List.of(new MemberProtocol(protocol, stored.subscription()));
    this.assignment = stored.assignment();
  }

  ClassicMember(HandedOver.Member member) {
    this.id = member.memberId();
    this.instanceId = member.instanceId();
    this.clientId = member.clientId();
    this.clientHost = member.clientHost();
    this.rebalanceTimeoutMs = member.rebalanceTimeoutMs();
    this.sessionTimeoutMs = member.sessionTimeoutMs();
    this.protocols =
        member.protocols().stream()
            .map(each -> new MemberProtocol(each.name(), each.metadata()))
            .toList();
    this.assignment = member.assignment();
  }

  String id() {
    return id;
  }

  @Nullable String instanceId() {
    return instanceId;
  }

  String clientId() {
    return clientId;
  }

  String clientHost() {
    return clientHost;
  }

  int rebalanceTimeoutMs() {
    return rebalanceTimeoutMs;
  }

  int sessionTimeoutMs() {
    return sessionTimeoutMs;
  }

  List<MemberProtocol> protocols() {
    return protocols;
  }

  /** What it tells an assignor; nothing where it does not know that one. */
  byte[] metadata(@Nullable String protocol) {
    for (MemberProtocol each : protocols) {
      if (each.name().equals(protocol)) {
        return each.metadata();
      }
    }
    return NO_BYTES;
  }

  byte[] assignment() {
    return assignment;
  }

  /** Of one that is in a group already, by {@link ClassicMembers#assign}, which counts it. */
  void assign(byte[] assigned) {
    assignment = assigned;
  }

  void update(JoinCall call, List<MemberProtocol> newProtocols) {
    rebalanceTimeoutMs = call.rebalanceTimeoutMs();
    sessionTimeoutMs = call.request().sessionTimeoutMs();
    protocols = newProtocols;
  }

  @Nullable Reply<JoinGroupResponseData> joining() {
    return joining;
  }

  void setJoining(@Nullable Reply<JoinGroupResponseData> reply) {
    joining = reply;
  }

  boolean isJoining() {
    return joining != null;
  }

  @Nullable Reply<SyncGroupResponseData> syncing() {
    return syncing;
  }

  void setSyncing(@Nullable Reply<SyncGroupResponseData> reply) {
    syncing = reply;
  }

  /** Whether it waits to be told its id for the first time, so that it cannot send heartbeats. */
  boolean isNew() {
    return isNew;
  }

  void setNew(boolean value) {
    isNew = value;
  }

  /** Who waits for an answer of the group need not tell it that they are alive. */
  boolean isExcused() {
    return !isNew && (joining != null || syncing != null);
  }

  long deadlineMs() {
    return deadlineMs;
  }

  void setDeadlineMs(long deadline) {
    deadlineMs = deadline;
  }
}

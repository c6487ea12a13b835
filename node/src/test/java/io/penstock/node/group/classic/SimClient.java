package io.penstock.node.group.classic;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A simulated member, which does what consumers do on each answer, and what its kind does besides:
 * take too long, die, come back, mix up generations, or mean ill.
 */
final class SimClient {

  enum Kind {
    HONEST,
    SLOW,
    CRASHING,
    STATIC,
    STALE,
    HOSTILE
  }

  static final int PARTITIONS = 24;
  private static final int HEARTBEAT_MS = 2_000;
  private static final List<List<String>> PREFERENCES =
      List.of(List.of("range"), List.of("coop", "range"), List.of("range", "coop"));

  private final SimWorld world;
  private final String name;
  private final Kind kind;
  private final List<String> protocols;
  private final boolean idRequired;
  private final boolean maySkip;
  private final int sessionMs;
  private final int rebalanceMs;
  private boolean alive;
  private int life;
  private int round;
  private int lives;
  private String memberId = "";
  private int generation = -1;
  private int joinedIncarnation;
  private @Nullable Assignment assignment;
  private int subscription;

  SimClient(SimWorld world, String name, Kind kind) {
    this.world = world;
    this.name = name;
    this.kind = kind;
    this.protocols = PREFERENCES.get(world.random.nextInt(PREFERENCES.size()));
    this.idRequired = kind != Kind.STATIC && world.random.nextBoolean();
    this.maySkip = world.random.nextBoolean();
    this.sessionMs = 6_000 + world.random.nextInt(4_000);
    this.rebalanceMs =
        kind == Kind.HOSTILE
            ? world.random.nextInt(SimJudge.REBALANCE_MAX_MS)
            : SimJudge.REBALANCE_MAX_MS;
  }

  Kind kind() {
    return kind;
  }

  boolean isAlive() {
    return alive;
  }

  String memberId() {
    return memberId;
  }

  int generation() {
    return generation;
  }

  @Nullable Assignment assignment() {
    return assignment;
  }

  /** Whether it knows a protocol that all members of the group are known to know. */
  boolean isUnderstood() {
    return world.group().members().isEmpty()
        || protocols.stream().anyMatch(world.group().members()::allSupport);
  }

  void start() {
    alive = true;
    life++;
    memberId = "";
    generation = -1;
    assignment = null;
    note("starts");
    join();
  }

  void crash() {
    alive = false;
    life++;
    round++;
    note("crashes");
  }

  void leave() {
    LeaveGroupRequestData request =
        new LeaveGroupRequestData()
            .setGroupId("g")
            .setMembers(
                List.of(
                    new MemberIdentity().setMemberId(memberId).setGroupInstanceId(instanceId())));
    crash();
    send(() ->
        world.act(effects ->
            world
                .group()
                .leave(
                    request,
                    world.nowMs(),
                    world.judge.watch(name + " leaves", _ -> {}),
                    effects)));
  }

  /** Subscribes to something else, so that its metadata changes. */
  void resubscribe() {
    subscription++;
    note("resubscribes");
    join();
  }

  private @Nullable String instanceId() {
    return kind == Kind.STATIC ? name : null;
  }

  private void note(String what) {
    world.note(name + " " + what + " id=" + memberId + " generation=" + generation);
  }

  private void send(Runnable request) {
    world.later(world.random.nextInt(40), request);
  }

  /** Has something done after a while by the same life and the same round of this member. */
  private void later(long delayMs, Runnable task) {
    int thisLife = life;
    int thisRound = round;
    world.later(
        delayMs,
        () -> {
          if (life == thisLife && round == thisRound) {
            task.run();
          }
        });
  }

  private long latency() {
    boolean slow = kind == Kind.SLOW && world.isFaulty() && world.chance(0.3);
    return world.random.nextInt(slow ? 30_000 : 40);
  }

  void join() {
    round++;
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setProtocolType("consumer")
            .setSessionTimeoutMs(sessionMs)
            .setRebalanceTimeoutMs(rebalanceMs);
    for (String each : protocols) {
      request.protocols().add(new JoinGroupRequestProtocol().setName(each).setMetadata(metadata()));
    }
    JoinCall call = new JoinCall(request, idRequired, maySkip, name, "/sim", suffix());
    int thisLife = life;
    int thisRound = round;
    send(() ->
        world.act(effects ->
            world
                .group()
                .join(
                    call,
                    world.nowMs(),
                    world.judge.watch(
                        name + " joins",
                        answer -> {
                          if (answer.errorCode() == 0) {
                            world.judge.joined(answer);
                          }
                          int incarnation = world.incarnation();
                          world.later(
                              latency(),
                              () -> {
                                if (life == thisLife && round == thisRound) {
                                  joinedIncarnation =
                                      answer.errorCode() == 0 ? incarnation : joinedIncarnation;
                                  joined(answer);
                                }
                              });
                        }),
                    effects)));
  }

  private String suffix() {
    return Integer.toString(++lives);
  }

  private byte[] metadata() {
    boolean huge = kind == Kind.HOSTILE && world.isFaulty() && world.chance(0.3);
    byte[] bytes = new byte[huge ? 1 + world.random.nextInt(40_000) : 8];
    bytes[0] = (byte) subscription;
    return bytes;
  }

  private void joined(JoinGroupResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    world.note(name + " hears of its join " + error + " " + answer.memberId());
    switch (error) {
      case NONE -> {
        memberId = answer.memberId();
        generation = answer.generationId();
        sync(answer);
      }
      case MEMBER_ID_REQUIRED -> {
        memberId = answer.memberId();
        join();
      }
      default -> recover(error);
    }
  }

  private void sync(JoinGroupResponseData joined) {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setGenerationId(generation)
            .setProtocolType("consumer")
            .setProtocolName(joined.protocolName());
    boolean leads = joined.leader().equals(memberId);
    if (leads && !joined.skipAssignment()) {
      assign(joined, request);
    } else if (kind == Kind.HOSTILE && !leads) {
      forge(joined, request);
    }
    if (kind == Kind.HOSTILE && world.isFaulty() && world.chance(0.2)) {
      // Lives, and never asks for what it was assigned, nor assigns.
      later(HEARTBEAT_MS, this::heartbeat);
      return;
    }
    int thisLife = life;
    int thisRound = round;
    send(() ->
        world.act(effects ->
            world
                .group()
                .sync(
                    request,
                    world.nowMs(),
                    world.judge.watch(
                        name + " syncs",
                        answer -> {
                          if (answer.errorCode() == 0) {
                            world.judge.assigned(request.generationId(), answer.assignment());
                          }
                          world.later(
                              latency(),
                              () -> {
                                if (life == thisLife && round == thisRound) {
                                  synced(answer);
                                }
                              });
                        }),
                    effects)));
  }

  private void assign(JoinGroupResponseData joined, SyncGroupRequestData request) {
    int count = joined.members().size();
    boolean huge = kind == Kind.HOSTILE && world.isFaulty() && world.chance(0.2);
    for (int i = 0; i < count; i++) {
      JoinGroupResponseMember each = joined.members().get(i);
      List<Integer> partitions = new ArrayList<>();
      for (int partition = i; partition < PARTITIONS; partition += count) {
        partitions.add(partition);
      }
      byte[] bytes = new Assignment(world.incarnation(), generation, memberId, partitions).bytes();
      request
          .assignments()
          .add(
              new SyncGroupRequestAssignment()
                  .setMemberId(each.memberId())
                  .setAssignment(huge ? new byte[200_000] : bytes));
    }
  }

  private void forge(JoinGroupResponseData joined, SyncGroupRequestData request) {
    byte[] forged =
        new Assignment(world.incarnation(), generation, "forger", List.of(1, 2, 3)).bytes();
    for (String each : List.of(memberId, joined.leader())) {
      request
          .assignments()
          .add(new SyncGroupRequestAssignment().setMemberId(each).setAssignment(forged));
    }
  }

  private void synced(SyncGroupResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    world.note(name + " hears of its sync " + error);
    if (error != Errors.NONE) {
      recover(error);
      return;
    }
    byte[] bytes = answer.assignment();
    assignment = bytes.length == 0 ? null : Assignment.read(bytes);
    later(HEARTBEAT_MS, this::heartbeat);
  }

  private void heartbeat() {
    int staleness = kind == Kind.STALE && world.chance(0.2) ? 1 + world.random.nextInt(3) : 0;
    HeartbeatRequestData request =
        new HeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setGenerationId(generation - staleness);
    int thisLife = life;
    int thisRound = round;
    send(() -> {
      Errors error = Errors.forCode(world.group().heartbeat(request, world.nowMs()).errorCode());
      if (error == Errors.NONE || error == Errors.REBALANCE_IN_PROGRESS) {
        world.judge.accepted("heartbeats", request.generationId());
      }
      world.later(
          latency(),
          () -> {
            if (life == thisLife && round == thisRound) {
              beaten(error, staleness > 0);
            }
          });
    });
  }

  private void beaten(Errors error, boolean stale) {
    if (error == Errors.NONE || stale) {
      later(HEARTBEAT_MS, this::heartbeat);
      return;
    }
    world.note(name + " hears of its heartbeat " + error);
    recover(error);
  }

  /** What consumers do: begin anew, rejoin, or ask again. */
  private void recover(Errors error) {
    assignment = null;
    switch (error) {
      case UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_INSTANCE_ID -> {
        world.judge.holds(
            kind != Kind.HONEST
                || joinedIncarnation != world.incarnation()
                || (!memberId.isEmpty() && generation < 0)
                || world.isCrowded(),
            "who is honest and in time stays in the group");
        memberId = error == Errors.ILLEGAL_GENERATION ? memberId : "";
        generation = -1;
        later(50, this::join);
      }
      case REBALANCE_IN_PROGRESS -> join();
      case GROUP_MAX_SIZE_REACHED -> {
        memberId = "";
        generation = -1;
        round++;
        later(4_000, this::join);
      }
      default -> {
        round++;
        later(100, this::join);
      }
    }
  }
}

package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A simulated member, which does what consumers do on each answer, and what its kind does besides:
 * take too long, die, come back.
 */
final class SimClient implements SimMember {

  enum Kind {
    HONEST,
    SLOW,
    CRASHING,
    STATIC
  }

  private static final int HEARTBEAT_MS = 1_000;
  private static final int TIMEOUT_MS = 700;
  private static final int REBALANCE_MS = 5_000;
  private static final List<String> REGEXES = List.of("t.*", "t[0-2]", "x+");

  private final SimWorld world;
  private final String name;
  private final Kind kind;
  private boolean alive;
  private int life;
  private int asked;
  private int sent;
  private int joins;
  private String memberId = "";
  private int epoch;
  private boolean full;
  private boolean busy;
  private @Nullable MemberTarget told;
  private MemberTarget owned = MemberTarget.EMPTY;
  private @Nullable MemberTarget ownedSaid;
  private List<String> topics = List.of();
  private @Nullable String regex;

  SimClient(SimWorld world, String name, Kind kind) {
    this.world = world;
    this.name = name;
    this.kind = kind;
    world.judge.watch(this);
  }

  @Override
  public boolean isHonest() {
    return kind == Kind.HONEST;
  }

  @Override
  public boolean staysAway() {
    return kind == Kind.CRASHING;
  }

  @Override
  public boolean isAlive() {
    return alive;
  }

  @Override
  public String memberId() {
    return memberId;
  }

  @Override
  public int epoch() {
    return epoch;
  }

  @Override
  public MemberTarget owned() {
    return owned;
  }

  @Override
  public String toString() {
    return name + "/" + memberId + "@" + epoch;
  }

  @Override
  public void start() {
    alive = true;
    life++;
    memberId = name + "-" + life;
    topics = world.chance(0.2) ? List.of("t0") : List.of("t0", "t1", "t2");
    regex = world.chance(0.2) ? REGEXES.get(world.random.nextInt(REGEXES.size())) : null;
    begin();
    beat(life);
  }

  @Override
  public void wantAll() {
    topics = List.of("t0", "t1", "t2", "t3");
    regex = null;
    full = true;
  }

  private void begin() {
    epoch = 0;
    full = true;
    told = null;
    owned = MemberTarget.EMPTY;
    ownedSaid = null;
    busy = false;
    asked++;
    joins++;
  }

  @Override
  public void crash() {
    world.note(this + " dies");
    alive = false;
    life++;
    owned = MemberTarget.EMPTY;
  }

  @Override
  public void leave() {
    int leaveEpoch = kind == Kind.STATIC && world.random.nextBoolean() ? -2 : -1;
    world.note(this + " leaves " + leaveEpoch);
    ConsumerGroupHeartbeatRequestData request =
        new ConsumerGroupHeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setMemberEpoch(leaveEpoch)
            .setInstanceId(instanceId());
    alive = false;
    life++;
    owned = MemberTarget.EMPTY;
    send(request, _ -> {});
  }

  private @Nullable String instanceId() {
    return kind == Kind.STATIC ? name : null;
  }

  private void beat(int at) {
    if (!alive || at != life) {
      return;
    }
    ask();
    world.later(HEARTBEAT_MS + world.random.nextInt(50), () -> beat(at));
  }

  private void ask() {
    ConsumerGroupHeartbeatRequestData request =
        new ConsumerGroupHeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setMemberEpoch(epoch)
            .setInstanceId(instanceId());
    // What is answered to the one before is not listened to any more where that is still open.
    boolean all = full || epoch == 0 || sent == asked;
    if (all) {
      request
          .setRebalanceTimeoutMs(REBALANCE_MS)
          .setSubscribedTopicNames(topics)
          .setSubscribedTopicRegex(regex == null ? "" : regex);
    }
    if (all || !owned.equals(ownedSaid)) {
      request.setTopicPartitions(topics(owned));
      ownedSaid = owned;
    }
    full = false;
    world.note(this + " asks with " + request.topicPartitions());
    int number = ++asked;
    sent = number;
    send(
        request,
        answer -> {
          if (number == asked && alive) {
            heard(answer);
          }
        });
    int at = life;
    world.later(
        TIMEOUT_MS,
        () -> {
          if (number == asked && at == life) {
            full = true;
          }
        });
  }

  private void send(
      ConsumerGroupHeartbeatRequestData request,
      java.util.function.Consumer<ConsumerGroupHeartbeatResponseData> then) {
    if (world.isFaulty() && world.chance(0.03)) {
      return;
    }
    HeartbeatCall call = new HeartbeatCall(request, name, "/host", "");
    world.later(
        world.random.nextInt(30),
        () -> {
          if (ConsumerGroup.refused(call, world.settings) != null) {
            throw new AssertionError("refused: " + request);
          }
          world.act(effects ->
              world
                  .group()
                  .heartbeat(
                      call,
                      world.nowMs(),
                      answer -> {
                        if (!world.isFaulty() || !world.chance(0.03)) {
                          world.later(world.random.nextInt(30), () -> then.accept(answer));
                        }
                      },
                      effects));
        });
  }

  private void heard(ConsumerGroupHeartbeatResponseData answer) {
    asked++;
    Errors error = Errors.forCode(answer.errorCode());
    world.note(this + " hears " + error + " " + answer.memberEpoch() + " " + answer.assignment());
    switch (error) {
      case NONE -> {
        epoch = answer.memberEpoch();
        if (answer.assignment() != null) {
          told = read(answer);
        }
        reconcile();
      }
      case UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND -> {
        world.note(this + " " + error);
        begin();
      }
      case FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED -> crash();
      case UNRELEASED_INSTANCE_ID, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR -> full = true;
      default -> throw new AssertionError(this + " hears " + error);
    }
  }

  private void reconcile() {
    MemberTarget target = told;
    if (busy || target == null || target.equals(owned)) {
      return;
    }
    busy = true;
    int at = joins;
    boolean late = kind == Kind.SLOW && world.isFaulty() && world.chance(0.2);
    world.later(
        late ? 2L * REBALANCE_MS : world.random.nextInt(100),
        () -> {
          if (!alive || at != joins) {
            return;
          }
          busy = false;
          // What it has been told meanwhile goes before: it may take up less.
          owned = target.equals(told) ? target : owned.common(target);
          ask();
          reconcile();
        });
  }

  private static MemberTarget read(ConsumerGroupHeartbeatResponseData answer) {
    Map<UUID, PartitionSet> topics = new HashMap<>();
    answer
        .assignment()
        .topicPartitions()
        .forEach(each ->
            topics.put(
                new UUID(
                    each.topicId().getMostSignificantBits(),
                    each.topicId().getLeastSignificantBits()),
                PartitionSet.of(each.partitions())));
    return new MemberTarget(topics);
  }

  private static List<TopicPartitions> topics(MemberTarget partitions) {
    List<TopicPartitions> topics = new ArrayList<>();
    partitions
        .topics()
        .forEach((id, set) ->
            topics.add(
                new TopicPartitions()
                    .setTopicId(new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()))
                    .setPartitions(set.toList())));
    return topics;
  }
}

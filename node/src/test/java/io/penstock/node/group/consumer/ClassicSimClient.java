package io.penstock.node.group.consumer;

import io.penstock.node.group.assign.MemberTarget;
import io.penstock.node.group.assign.PartitionSet;
import io.penstock.node.group.classic.JoinCall;
import io.penstock.node.group.consumer.SimClient.Kind;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
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
 * A simulated member of the classic protocol in a group of either: it joins, syncs and lives as
 * consumers do, either giving everything back before it rejoins or only what it has to.
 */
final class ClassicSimClient implements SimMember {

  private static final int HEARTBEAT_MS = 1_000;
  private static final int TIMEOUT_MS = 700;
  private static final int REBALANCE_MS = 5_000;

  /** Where members wait for each other. */
  private static final int REBALANCE_WAIT_MS = 8_000;

  private static final int AGAIN_MS = 100;

  private final SimWorld world;
  private final String name;
  private final Kind kind;
  private final boolean eager;
  private final boolean idRequired;
  private final int sessionMs;
  private boolean alive;
  private boolean stable;
  private boolean late;
  private int life;
  private int asked;
  private int ids;
  private String memberId = "";
  private int generation = -1;
  private MemberTarget owned = MemberTarget.EMPTY;
  private List<String> topics = List.of();
  private @Nullable Object topicsLed;

  ClassicSimClient(SimWorld world, String name, Kind kind) {
    this.world = world;
    this.name = name;
    this.kind = kind;
    this.eager = world.random.nextBoolean();
    this.idRequired = kind != Kind.STATIC && world.random.nextBoolean();
    this.sessionMs = 6_000 + world.random.nextInt(4_000);
    world.judge.watch(this);
  }

  @Override
  public boolean isAlive() {
    return alive;
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
  public String memberId() {
    return memberId;
  }

  /** Between joining and hearing of its assignment it commits nothing. */
  @Override
  public int epoch() {
    return stable ? generation : 0;
  }

  @Override
  public MemberTarget owned() {
    return owned;
  }

  @Override
  public String toString() {
    return name + "/" + memberId + "#" + generation + (stable ? "" : "?");
  }

  @Override
  public void start() {
    alive = true;
    life++;
    topics = world.chance(0.2) ? List.of("t0") : List.of("t0", "t1", "t2");
    forget();
    join();
    beat(life);
  }

  /** It is nobody, and has nothing. */
  private void forget() {
    memberId = "";
    lose();
  }

  private void lose() {
    generation = -1;
    owned = MemberTarget.EMPTY;
    stable = false;
  }

  @Override
  public void crash() {
    world.note(this + " dies");
    alive = false;
    life++;
    asked++;
    lose();
  }

  @Override
  public void leave() {
    LeaveGroupRequestData request =
        new LeaveGroupRequestData()
            .setGroupId("g")
            .setMembers(
                List.of(
                    new MemberIdentity().setMemberId(memberId).setGroupInstanceId(instanceId())));
    world.note(this + " leaves");
    crash();
    send(effects -> world.group().leave(request, world.nowMs(), _ -> {}, effects));
  }

  @Override
  public void wantAll() {
    topics = List.of("t0", "t1", "t2", "t3");
    join();
  }

  private @Nullable String instanceId() {
    return kind == Kind.STATIC ? name : null;
  }

  private void send(Consumer<Effects> event) {
    if (!world.isFaulty() || !world.chance(0.03)) {
      world.later(world.random.nextInt(30), () -> world.act(event));
    }
  }

  /** What is heard of a question, unless another one was asked meanwhile. */
  private <T> Reply<T> heard(int number, Consumer<T> then) {
    return answer -> {
      if (!world.isFaulty() || !world.chance(0.03)) {
        world.later(
            world.random.nextInt(30),
            () -> {
              if (number == asked) {
                asked++;
                then.accept(answer);
              }
            });
      }
    };
  }

  private long patienceMs() {
    return world.group().isClassic() ? REBALANCE_WAIT_MS : TIMEOUT_MS;
  }

  /** Does so after a while, unless something else was asked or heard meanwhile. */
  private void unlessHeard(long delayMs, Runnable then) {
    int number = asked;
    world.later(
        delayMs,
        () -> {
          if (number == asked) {
            then.run();
          }
        });
  }

  private void join() {
    stable = false;
    late = false;
    if (eager) {
      owned = MemberTarget.EMPTY;
    }
    int number = ++asked;
    JoinCall call =
        new JoinCall(joining(), idRequired, true, name, "/host", "classic" + life + "-" + ++ids);
    world.note(this + " joins with " + owned);
    send(effects -> world.group().join(call, world.nowMs(), heard(number, this::joined), effects));
    unlessHeard(patienceMs(), this::join);
  }

  private JoinGroupRequestData joining() {
    ByteBuffer subscription =
        ConsumerProtocol.serializeSubscription(
            new Subscription(topics, null, named(owned), generation, Optional.empty()));
    byte[] metadata = new byte[subscription.remaining()];
    subscription.get(metadata);
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setProtocolType("consumer")
            .setSessionTimeoutMs(sessionMs)
            .setRebalanceTimeoutMs(REBALANCE_MS);
    request.protocols().add(new JoinGroupRequestProtocol().setName("p").setMetadata(metadata));
    return request;
  }

  private List<TopicPartition> named(MemberTarget partitions) {
    List<TopicPartition> named = new ArrayList<>();
    partitions
        .topics()
        .forEach((id, set) -> {
          String topic = world.topics.nameOf(id);
          if (topic != null) {
            set.stream().forEach(index -> named.add(new TopicPartition(topic, index)));
          }
        });
    return named;
  }

  private void joined(JoinGroupResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    world.note(this + " hears of its join " + error + " " + answer.generationId());
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
    int number = ++asked;
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setGenerationId(generation)
            .setProtocolType("consumer")
            .setProtocolName("p");
    topicsLed = null;
    if (joined.leader().equals(memberId)) {
      topicsLed = world.topics.version();
      if (!joined.skipAssignment()) {
        assign(joined, request);
      }
    }
    send(effects ->
        world.group().sync(request, world.nowMs(), heard(number, this::synced), effects));
    unlessHeard(patienceMs(), this::join);
  }

  /** Each partition to the same member whoever leads, when nobody else reads it any more. */
  private void assign(JoinGroupResponseData joined, SyncGroupRequestData request) {
    Map<String, Subscription> wishes = new TreeMap<>();
    for (JoinGroupResponseMember each : joined.members()) {
      wishes.put(
          each.memberId(),
          ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(each.metadata())));
    }
    Map<TopicPartition, String> readers = new HashMap<>();
    wishes.forEach((id, wish) ->
        wish.ownedPartitions()
            .forEach(partition ->
                readers.merge(partition, id, (one, other) -> newest(wishes, one, other))));
    Map<String, List<TopicPartition>> given = new HashMap<>();
    for (String topic : world.topics.names()) {
      List<String> subscribers =
          wishes.keySet().stream()
              .filter(id -> subscription(wishes, id).topics().contains(topic))
              .toList();
      for (int i = 0; i < world.topics.partitions(topic) && !subscribers.isEmpty(); i++) {
        TopicPartition partition = new TopicPartition(topic, i);
        String chosen = subscribers.get(i % subscribers.size());
        String reader = readers.getOrDefault(partition, chosen);
        if (reader.equals(chosen)) {
          given.computeIfAbsent(chosen, _ -> new ArrayList<>()).add(partition);
        }
      }
    }
    for (String id : wishes.keySet()) {
      ByteBuffer bytes =
          ConsumerProtocol.serializeAssignment(new Assignment(given.getOrDefault(id, List.of())));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      request
          .assignments()
          .add(new SyncGroupRequestAssignment().setMemberId(id).setAssignment(copy));
    }
  }

  /** Of two who believe that they read a partition, one has missed that it was taken away. */
  private static String newest(Map<String, Subscription> wishes, String one, String other) {
    int generationOfOne = subscription(wishes, one).generationId().orElse(-1);
    return generationOfOne >= subscription(wishes, other).generationId().orElse(-1) ? one : other;
  }

  private static Subscription subscription(Map<String, Subscription> wishes, String id) {
    Subscription wish = wishes.get(id);
    if (wish == null) {
      throw new AssertionError("no member " + id);
    }
    return wish;
  }

  private void synced(SyncGroupResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    world.note(this + " hears of its sync " + error);
    if (error != Errors.NONE) {
      recover(error);
      return;
    }
    byte[] assignment = answer.assignment();
    MemberTarget told = assignment.length == 0 ? MemberTarget.EMPTY : read(assignment);
    boolean givesBack = !owned.minus(told).isEmpty();
    owned = told;
    stable = true;
    if (givesBack) {
      join();
    }
  }

  private MemberTarget read(byte[] assignment) {
    Map<UUID, PartitionSet> read = new HashMap<>();
    for (TopicPartition each :
        ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(assignment)).partitions()) {
      read.merge(
          world.topics.id(each.topic()), PartitionSet.of(each.partition()), PartitionSet::plus);
    }
    return new MemberTarget(read);
  }

  private void beat(int at) {
    if (at != life) {
      return;
    }
    if (stable && !late) {
      if (topicsLed == null || topicsLed.equals(world.topics.version())) {
        heartbeat();
      } else {
        join(); // who leads has to see that there are more partitions
      }
    }
    world.later(HEARTBEAT_MS + world.random.nextInt(50), () -> beat(at));
  }

  private void heartbeat() {
    int number = ++asked;
    HeartbeatRequestData request =
        new HeartbeatRequestData()
            .setGroupId("g")
            .setMemberId(memberId)
            .setGroupInstanceId(instanceId())
            .setGenerationId(generation);
    Reply<HeartbeatResponseData> reply = heard(number, this::beaten);
    send(
        effects -> effects.answer(reply, world.group().heartbeat(request, world.nowMs(), effects)));
  }

  private void beaten(HeartbeatResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    if (error == Errors.NONE) {
      return;
    }
    world.note(this + " hears of its heartbeat " + error);
    if (error == Errors.REBALANCE_IN_PROGRESS
        && kind == Kind.SLOW
        && world.isFaulty()
        && world.chance(0.2)) {
      late = true;
      unlessHeard(2L * REBALANCE_MS, this::join);
      return;
    }
    recover(error);
  }

  private void recover(Errors error) {
    switch (error) {
      case REBALANCE_IN_PROGRESS -> join();
      case UNKNOWN_MEMBER_ID -> {
        forget();
        join();
      }
      case ILLEGAL_GENERATION -> {
        lose();
        join();
      }
      case FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED -> crash();
      case COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR -> unlessHeard(AGAIN_MS, this::join);
      default -> throw new AssertionError(this + " hears " + error);
    }
  }
}

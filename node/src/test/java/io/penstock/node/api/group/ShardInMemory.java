package io.penstock.node.api.group;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.group.GroupCoordinators;
import io.penstock.node.group.GroupEvent;
import io.penstock.node.group.Groups;
import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.GroupRecord;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The one shard of all groups, whose log takes everything at once, or nothing, and keeps nothing.
 * Nobody is answered twice.
 */
final class ShardInMemory implements GroupCoordinators, Groups {

  static final long NOW_MS = 1_000;

  private final Map<String, Group> groups = new HashMap<>();
  private final Set<String> namesWithOffsets = new HashSet<>();
  private final List<GroupRecord> log = new ArrayList<>();
  private Errors refusal = Errors.NONE;
  private Errors appendRefusal = Errors.NONE;
  private boolean room = true;

  /** From here on no event happens, for this reason. */
  void refuse(Errors error) {
    refusal = error;
  }

  /** From here on events happen and the log does not take what they decide. */
  void refuseAppends(Errors error) {
    appendRefusal = error;
  }

  /** What was appended. */
  List<GroupRecord> log() {
    return log;
  }

  /** From here on there is no memory for anything new. */
  void fill() {
    room = false;
  }

  void commitOffsetsOf(String name) {
    namesWithOffsets.add(name);
  }

  @Override
  public <T> void ask(
      String groupId, GroupEvent<T> event, Function<Errors, T> refused, Reply<T> reply) {
    if (refusal != Errors.NONE) {
      reply.send(refused.apply(refusal));
      return;
    }
    Effects effects = new Effects();
    event.happen(this, NOW_MS, once(reply), effects);
    carryOut(effects);
  }

  private static <T> Reply<T> once(Reply<T> reply) {
    AtomicBoolean answered = new AtomicBoolean();
    return answer -> {
      assertTrue(answered.compareAndSet(false, true), () -> "answered again: " + answer);
      reply.send(answer);
    };
  }

  private void carryOut(Effects effects) {
    Errors outcome = effects.records().isEmpty() ? Errors.NONE : appendRefusal;
    Group replacement = effects.replacement();
    if (outcome != Errors.NONE) {
      effects.undo();
    } else {
      log.addAll(effects.records());
      if (replacement != null) {
        put(replacement);
      }
    }
    effects.answers().forEach(Runnable::run);
    for (Effects.Stored each : effects.stored()) {
      Effects next = new Effects();
      each.ended(outcome, NOW_MS, next);
      carryOut(next);
    }
  }

  @Override
  public @Nullable Group find(String groupId) {
    return groups.get(groupId);
  }

  @Override
  public boolean hasRoom() {
    return room;
  }

  @Override
  public boolean put(Group group) {
    groups.put(group.id(), group);
    return true;
  }

  @Override
  public void remove(String groupId) {
    groups.remove(groupId);
  }

  @Override
  public Collection<Group> all() {
    return groups.values();
  }

  @Override
  public boolean hasOffsets(String groupId) {
    return namesWithOffsets.contains(groupId);
  }
}

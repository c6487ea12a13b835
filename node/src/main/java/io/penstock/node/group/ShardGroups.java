package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.offset.OffsetTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one shard and what each of them waits for. Whoever finds a group may change it, so
 * its deadline is asked for anew after the event. On the shard's thread only.
 */
final class ShardGroups implements Groups {

  /** With so many groups, one shard takes no more. */
  static final int GROUPS_MAX = 100_000;

  private record Deadline(long atMs, String groupId) implements Comparable<Deadline> {
    @Override
    public int compareTo(Deadline other) {
      int byTime = Long.compare(atMs, other.atMs);
      return byTime != 0 ? byTime : groupId.compareTo(other.groupId);
    }
  }

  private final OffsetTable offsets;
  private final Map<String, Group> groups = new HashMap<>();
  private final Map<String, Deadline> deadlines = new HashMap<>();
  private final TreeSet<Deadline> order = new TreeSet<>();
  private final Map<String, Long> heapBytes = new HashMap<>();
  private @Nullable BooleanSupplier room;
  private long bytes;
  private Set<String> touched = new HashSet<>();

  ShardGroups(OffsetTable offsets) {
    this.offsets = offsets;
  }

  @Override
  public @Nullable Group find(String groupId) {
    Group group = groups.get(groupId);
    if (group != null) {
      touched.add(groupId);
    }
    return group;
  }

  /** As {@link #find}, for one who only looks. */
  @Nullable Group peek(String groupId) {
    return groups.get(groupId);
  }

  /**
   * Takes nothing new from now on while there is no room, or there are too many groups. What is
   * read from the log before is there already, and its members are: all of it is taken.
   */
  void limitTo(BooleanSupplier hasRoom) {
    room = hasRoom;
  }

  @Override
  public boolean hasRoom() {
    return room == null || room.getAsBoolean();
  }

  @Override
  public boolean put(Group group) {
    boolean mayBeNew = room == null || (groups.size() < GROUPS_MAX && hasRoom());
    if (!mayBeNew && !groups.containsKey(group.id())) {
      return false;
    }
    groups.put(group.id(), group);
    touched.add(group.id());
    return true;
  }

  @Override
  public void remove(String groupId) {
    groups.remove(groupId);
    touched.add(groupId);
  }

  @Override
  public Collection<Group> all() {
    return groups.values();
  }

  @Override
  public boolean hasOffsets(String groupId) {
    return offsets.has(groupId);
  }

  /** Has the deadlines of these groups asked for anew, too. */
  void touch(Collection<String> groupIds) {
    touched.addAll(groupIds);
  }

  /** The groups that somebody has found or put since this was last called, with new deadlines. */
  Set<String> takeTouched() {
    if (touched.isEmpty()) {
      return Set.of();
    }
    Set<String> taken = touched;
    touched = new HashSet<>();
    taken.forEach(this::refresh);
    return taken;
  }

  private void refresh(String groupId) {
    Group group = groups.get(groupId);
    weigh(groupId, group);
    long atMs = group == null ? Long.MAX_VALUE : group.nextDeadlineMs();
    Deadline before = deadlines.get(groupId);
    if (before != null && before.atMs == atMs) {
      return;
    }
    if (before != null) {
      order.remove(before);
      deadlines.remove(groupId);
    }
    if (atMs != Long.MAX_VALUE) {
      Deadline deadline = new Deadline(atMs, groupId);
      deadlines.put(groupId, deadline);
      order.add(deadline);
    }
  }

  private void weigh(String groupId, @Nullable Group group) {
    long now = group == null ? 0 : group.heapBytes();
    Long before = group == null ? heapBytes.remove(groupId) : heapBytes.put(groupId, now);
    bytes += now - (before == null ? 0 : before);
  }

  /** About what the groups take of the heap. */
  long bytes() {
    return bytes;
  }

  /** When the next group is due; {@link Long#MAX_VALUE} if none ever is. */
  long nextDeadlineMs() {
    return order.isEmpty() ? Long.MAX_VALUE : order.first().atMs;
  }

  /** Has all that groups wait for come later by so much. */
  void postpone(long byMs) {
    for (Group group : groups.values()) {
      group.postpone(byMs);
      refresh(group.id());
    }
  }

  /** The groups that are due; each is touched. */
  List<Group> due(long nowMs) {
    List<Group> due = new ArrayList<>();
    for (Deadline deadline : order) {
      if (deadline.atMs > nowMs) {
        break;
      }
      Group group = find(deadline.groupId);
      if (group != null) {
        due.add(group);
      }
    }
    return due;
  }
}

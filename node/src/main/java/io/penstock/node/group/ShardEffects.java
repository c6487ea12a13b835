package io.penstock.node.group;

import io.penstock.node.group.effect.Effects;
import io.penstock.node.group.effect.Group;
import io.penstock.node.group.offset.OffsetChange;
import java.util.ArrayList;
import java.util.List;

/**
 * What one event asks of its shard: what groups do, and changes of offsets beside it, all of which
 * is appended as one batch. Used by the shard's thread.
 */
final class ShardEffects {

  private final Effects effects = new Effects();
  private final List<OffsetChange> offsets = new ArrayList<>();
  private final List<Group> removed = new ArrayList<>();

  Effects effects() {
    return effects;
  }

  /** Changes the table once this is in the log, and not before. */
  void change(List<OffsetChange> changes) {
    offsets.addAll(changes);
  }

  /** Has the group's records taken away, and forgets the group once that is in the log. */
  void remove(Group group) {
    removed.add(group);
    group.removal().forEach(effects::append);
  }

  List<OffsetChange> offsets() {
    return offsets;
  }

  List<Group> removed() {
    return removed;
  }
}

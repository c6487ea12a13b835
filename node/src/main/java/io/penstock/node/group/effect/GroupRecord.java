package io.penstock.node.group.effect;

/** What a group has written down about itself. */
public sealed interface GroupRecord
    permits GroupRecord.Stored, GroupRecord.Removed, ConsumerGroupRecord {

  String groupId();

  /** The classic group is this from here on. */
  record Stored(GroupSnapshot snapshot) implements GroupRecord {
    @Override
    public String groupId() {
      return snapshot.groupId();
    }
  }

  /** There is no classic group of this name any more. */
  record Removed(String groupId) implements GroupRecord {}
}

package io.penstock.node.group.effect;

import io.penstock.node.group.assign.MemberTarget;

/**
 * What a member of the consumer protocol has, and where it is on its way to what it shall have. All
 * of it is the member's alone: nobody else is given any of it.
 *
 * @param epoch the epoch of the group that the member has come to; {@link #JOINING} where it has
 *     come to none, {@link #AWAY} of a static member that has left and will be back
 * @param previousEpoch the one before it: the answer that told of the present one may be lost
 * @param assigned what the member may read
 * @param revoking what it has to give back first
 * @param since which epoch it has had each of these
 */
public record CurrentAssignment(
    int epoch,
    int previousEpoch,
    Progress progress,
    MemberTarget assigned,
    MemberTarget revoking,
    PartitionEpochs since) {

  public static final int JOINING = 0;
  public static final int AWAY = -2;

  /** Of a member that has nothing and knows no epoch. */
  public static final CurrentAssignment NONE =
      new CurrentAssignment(
          JOINING,
          JOINING,
          Progress.STABLE,
          MemberTarget.EMPTY,
          MemberTarget.EMPTY,
          PartitionEpochs.NONE);

  /** How far a member is. */
  public enum Progress {
    /** It has what it was to have in its epoch. */
    STABLE(0),

    /** It has to give something back, and has not said yet that it has. */
    UNREVOKED(1),

    /** It waits for others to give something back. */
    UNRELEASED(2);

    private final byte code;

    Progress(int code) {
      this.code = (byte) code;
    }

    /** As the record has it. */
    public byte code() {
      return code;
    }

    /** One that this version does not know is looked at anew, which waiting for others does. */
    public static Progress of(byte code) {
      for (Progress each : values()) {
        if (each.code == code) {
          return each;
        }
      }
      return UNRELEASED;
    }
  }

  /** What a member has that has nothing to give back, all of it since this epoch. */
  public static CurrentAssignment since(int epoch, MemberTarget assigned) {
    return new CurrentAssignment(
        epoch,
        epoch,
        Progress.STABLE,
        assigned,
        MemberTarget.EMPTY,
        PartitionEpochs.NONE.of(assigned, epoch));
  }

  /** Whether the member has all that it was to have by the target of this epoch. */
  public boolean isAt(int targetEpoch) {
    return progress == Progress.STABLE && epoch == targetEpoch;
  }

  /** A static member that has left for now keeps what it has. */
  public CurrentAssignment away() {
    return new CurrentAssignment(
        AWAY, previousEpoch, progress, assigned, MemberTarget.EMPTY, since.of(assigned, epoch));
  }

  /** The same for the one who takes a static member's place. */
  public CurrentAssignment back() {
    return new CurrentAssignment(
        JOINING, JOINING, Progress.STABLE, assigned, MemberTarget.EMPTY, since);
  }
}

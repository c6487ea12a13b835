package io.penstock.node.group.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What one event on a group asks of the outside world, collected while the group changes and
 * carried out by the shard when that is over: records to append, answers that go at once, and what
 * is to be done when the records are committed or lost. Used by the shard's thread.
 */
public final class Effects {

  /** The outcome of an append comes back into the group. */
  @FunctionalInterface
  public interface Stored {

    /**
     * Goes on with the group on its shard's thread.
     *
     * @param outcome {@link Errors#NONE} where everything up to this event's record is committed;
     *     otherwise the record may or may not be there
     * @param effects what this in turn asks for
     */
    void ended(Errors outcome, long nowMs, Effects effects);
  }

  private final List<Runnable> answers = new ArrayList<>(1);
  private final List<Stored> whenStored = new ArrayList<>(1);
  private final List<GroupRecord> appended = new ArrayList<>(0);
  private final List<Runnable> undo = new ArrayList<>(0);
  private @Nullable GroupRecord groupRecord;
  private @Nullable Group replacement;

  /** Sends the answer as soon as the event is over, whatever becomes of the record. */
  public <T> void answer(Reply<T> reply, T answer) {
    answers.add(() -> reply.send(answer));
  }

  /** Has the record appended; the newest one of an event stands for all of it. */
  public void store(GroupRecord newest) {
    groupRecord = newest;
  }

  /** Has this record appended besides, behind all that the event has appended before. */
  public void append(GroupRecord each) {
    appended.add(each);
  }

  /** Has this group stand in the place of the one of its name once the records are in the log. */
  public void replaceWith(Group group) {
    replacement = group;
  }

  /** The group that takes another's place, for the shard. */
  public @Nullable Group replacement() {
    return replacement;
  }

  /**
   * Takes back a change that the event has made, in case that nothing of the event comes into the
   * log: all or none of its records do. What is in the log counts, even where it is committed late.
   */
  public void ifNotAppended(Runnable takeBack) {
    undo.add(takeBack);
  }

  /**
   * Has this called when the record is committed or lost; where there is none, when everything that
   * the shard appended earlier is.
   */
  public void whenStored(Stored then) {
    whenStored.add(then);
  }

  /** Sends the answer when the record is committed, and the other one where it may be lost. */
  public <T> void answerWhenStored(Reply<T> reply, T answer, Function<Errors, T> failed) {
    whenStored.add(
        (outcome, _, _) -> reply.send(outcome == Errors.NONE ? answer : failed.apply(outcome)));
  }

  /** The newest record of {@link #store}. */
  public @Nullable GroupRecord groupRecord() {
    return groupRecord;
  }

  /** What is to be appended, in this order, for the shard. */
  public List<GroupRecord> records() {
    if (groupRecord == null) {
      return appended;
    }
    List<GroupRecord> all = new ArrayList<>(appended);
    all.add(groupRecord);
    return all;
  }

  /** Takes back what the event has changed, the last change first, for the shard. */
  public void undo() {
    undo.reversed().forEach(Runnable::run);
    undo.clear();
  }

  /** Who is told of the append, for the shard. */
  public List<Stored> stored() {
    return whenStored;
  }

  /** What leaves at once, for the shard. */
  public List<Runnable> answers() {
    return answers;
  }
}

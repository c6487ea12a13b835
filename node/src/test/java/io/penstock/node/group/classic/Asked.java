package io.penstock.node.group.classic;

import io.penstock.node.group.effect.Reply;
import org.jspecify.annotations.Nullable;

/** A question and its one answer. */
final class Asked<T> implements Reply<T> {

  private @Nullable T answer;

  @Override
  public void send(T given) {
    if (answer != null) {
      throw new AssertionError("answered twice: " + answer + ", " + given);
    }
    answer = given;
  }

  boolean isAnswered() {
    return answer != null;
  }

  T answer() {
    T given = answer;
    if (given == null) {
      throw new AssertionError("not answered yet");
    }
    return given;
  }
}

package io.penstock.replication.value;

import java.util.List;

/** What a rule made of an image and a command: the next image, what changed, and the answer. */
public record Applied<I, E, R>(I image, List<E> events, R result) {

  public Applied {
    events = List.copyOf(events);
  }
}

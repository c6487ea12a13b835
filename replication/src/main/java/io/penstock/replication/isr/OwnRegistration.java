package io.penstock.replication.isr;

import java.util.function.LongSupplier;

/**
 * This process as a broker. Any thread.
 *
 * @param epochs the epoch of its registration, -1 while it has none
 * @param contactsMs when it was in contact with the majority last, by the clock of the keeper's
 *     loop; at most half an election timeout later than it was, since answers to a leader are not
 *     due before, and as much earlier as heartbeats are apart
 */
public record OwnRegistration(LongSupplier epochs, LongSupplier contactsMs) {

  long epoch() {
    return epochs.getAsLong();
  }

  long contactMs() {
    return contactsMs.getAsLong();
  }
}

package io.penstock.replication.isr;

import java.util.function.LongSupplier;

/**
 * This process as a broker. Any thread.
 *
 * @param epochs the epoch of its registration, -1 while it has none
 * @param contactsMs when it sent what the leader of the brokers has answered last, by the clock of
 *     the keeper's loop
 */
public record OwnRegistration(LongSupplier epochs, LongSupplier contactsMs) {

  long epoch() {
    return epochs.getAsLong();
  }

  long contactMs() {
    return contactsMs.getAsLong();
  }
}

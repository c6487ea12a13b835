package io.penstock.storage.batch;

/** What {@link BatchValidator} found. */
public sealed interface BatchCheck {

  /** The batch may be appended; the next one starts {@code sizeInBytes} further. */
  record Valid(int sizeInBytes) implements BatchCheck {}

  /** The batch is refused; {@code message} is for the client. */
  record Invalid(BatchError error, String message) implements BatchCheck {}
}

package io.penstock.replication.metadata;

import io.penstock.replication.value.ControlError;

/** What became of a {@link MetadataCommand}. */
public sealed interface MetadataResult {

  record Done() implements MetadataResult {}

  /** Producer ids {@code first} to {@code first + count - 1} belong to the one who asked. */
  record ProducerIdBlock(long first, int count) implements MetadataResult {}

  record Refused(ControlError error, String message) implements MetadataResult {}
}

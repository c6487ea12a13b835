package io.penstock.node.api.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request wants of one resource's settings. With {@code replace} the operations are all SET,
 * and whatever is not set loses its value.
 */
record ConfigEdit(
    byte resourceType, String resourceName, boolean replace, List<Operation> operations) {

  static final byte SET = 0;
  static final byte DELETE = 1;
  static final byte APPEND = 2;
  static final byte SUBTRACT = 3;

  /** One change of one setting; the kind is a number of the Kafka protocol. */
  record Operation(String name, byte kind, @Nullable String value) {}
}

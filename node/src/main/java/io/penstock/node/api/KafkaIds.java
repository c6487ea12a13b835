package io.penstock.node.api;

import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Topic and cluster ids between Java's and Kafka's type: the same 128 bits. */
public final class KafkaIds {

  private KafkaIds() {}

  public static Uuid toKafka(@Nullable UUID id) {
    return id == null
        ? Uuid.ZERO_UUID
        : new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  public static UUID fromKafka(Uuid id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  /** A new id that Kafka does not reserve, and that is no command line option when printed. */
  public static UUID random() {
    return fromKafka(Uuid.randomUuid());
  }

  /** An id as Kafka prints it: base64 for URLs. */
  public static String text(UUID id) {
    return toKafka(id).toString();
  }
}

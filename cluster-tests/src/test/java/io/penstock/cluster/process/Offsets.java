package io.penstock.cluster.process;

import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** The first and the next offset of one partition, as a consumer is told them. */
public final class Offsets {
  private Offsets() {}

  /** The log start offset. */
  public static long earliest(KafkaConsumer<?, ?> consumer, TopicPartition partition) {
    return consumer.beginningOffsets(List.of(partition)).values().iterator().next();
  }

  /** The high watermark. */
  public static long latest(KafkaConsumer<?, ?> consumer, TopicPartition partition) {
    return consumer.endOffsets(List.of(partition)).values().iterator().next();
  }
}

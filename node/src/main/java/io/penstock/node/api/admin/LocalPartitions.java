package io.penstock.node.api.admin;

import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Knows when this node can serve what the image says it leads. */
@FunctionalInterface
public interface LocalPartitions {

  /**
   * Completes once partitions 0 to {@code partitionCount - 1} of the topic, as far as this node
   * leads them, take requests; at once where they do already. Fails where one cannot be opened.
   */
  CompletionStage<?> whenServed(UUID topicId, int partitionCount);
}

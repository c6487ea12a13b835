package io.penstock.replication.metadata;

import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataEvent.ProducerIdsAllocated;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.ControlError;
import java.util.List;

/**
 * Producer ids are given out in blocks, each id once in the life of the cluster. Whether the broker
 * that asks is still the one it was need not be known: no block is given twice, and one that goes
 * to a process of the past is lost.
 */
final class ProducerIdRules {

  static final int BLOCK_MAX = 100_000;

  private ProducerIdRules() {}

  static Applied<MetadataImage, MetadataEvent, MetadataResult> allocate(
      MetadataImage image, AllocateProducerIds command) {
    int count = command.count();
    if (count < 1 || count > BLOCK_MAX) {
      String text = "a block of " + count + " producer ids is not from 1 to " + BLOCK_MAX;
      return new Applied<>(image, List.of(), new Refused(ControlError.INVALID_REQUEST, text));
    }
    long first = image.nextProducerId();
    if (first > Long.MAX_VALUE - count) {
      String text = "all producer ids are given out";
      return new Applied<>(image, List.of(), new Refused(ControlError.LIMIT_EXCEEDED, text));
    }
    return new Applied<>(
        image.withNextProducerId(first + count),
        List.of(new ProducerIdsAllocated(command.brokerId(), first, count)),
        new ProducerIdBlock(first, count));
  }
}

package io.penstock.replication.simulation;

import io.penstock.storage.batch.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What tells one batch of a log from another; the CRC stands for the records. */
record BatchInfo(
    long baseOffset,
    long lastOffset,
    int leaderEpoch,
    long producerId,
    int producerEpoch,
    int sequence,
    long crc) {

  int records() {
    return (int) (lastOffset - baseOffset + 1);
  }

  /** The same of another leader epoch. */
  BatchInfo of(int epoch) {
    return new BatchInfo(baseOffset, lastOffset, epoch, producerId, producerEpoch, sequence, crc);
  }

  /** The whole batches of a buffer; one that is damaged is a failure. */
  static List<BatchInfo> in(ByteBuffer bytes) {
    List<BatchInfo> batches = new ArrayList<>();
    int at = bytes.position();
    while (bytes.limit() - at >= RecordBatch.HEADER_BYTES
        && RecordBatch.sizeInBytes(bytes, at) <= bytes.limit() - at) {
      if (!RecordBatch.hasValidCrc(bytes, at)) {
        throw new AssertionError("damaged batch at " + RecordBatch.baseOffset(bytes, at));
      }
      batches.add(
          new BatchInfo(
              RecordBatch.baseOffset(bytes, at),
              RecordBatch.lastOffset(bytes, at),
              RecordBatch.partitionLeaderEpoch(bytes, at),
              RecordBatch.producerId(bytes, at),
              RecordBatch.producerEpoch(bytes, at),
              RecordBatch.baseSequence(bytes, at),
              RecordBatch.crc(bytes, at)));
      at += RecordBatch.sizeInBytes(bytes, at);
    }
    return batches;
  }
}

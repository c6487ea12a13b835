package io.penstock.storage.batch;

/**
 * What a topic takes from producers: {@code max.message.bytes} and how far timestamps may be from
 * the broker's clock, with Kafka's names and meanings. With {@code logAppendTime} the producer's
 * timestamps are overwritten and therefore not looked at.
 */
public record BatchLimits(
    int batchBytesMax, boolean logAppendTime, long timestampBeforeMaxMs, long timestampAfterMaxMs) {

  /** Nothing but the format limits: any size, any time. */
  public static final BatchLimits NONE =
      new BatchLimits(Integer.MAX_VALUE, false, Long.MAX_VALUE, Long.MAX_VALUE);
}

package io.penstock.storage.producer;

/**
 * How long a silent producer is remembered ({@code producer.id.expiration.ms}), and of how many
 * producers a partition remembers at most; beyond that, the one that has been silent longest and
 * has no open transaction is forgotten.
 */
public record ProducerLimits(long expirationMs, int producersMax) {
  /** Kafka's default of a day, and about 16 MB at the most. */
  public static final ProducerLimits DEFAULT = new ProducerLimits(86_400_000, 100_000);
}

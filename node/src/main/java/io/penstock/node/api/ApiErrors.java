package io.penstock.node.api;

import io.penstock.replication.partition.Refusal;
import io.penstock.storage.log.AppendError;
import org.apache.kafka.common.protocol.Errors;

/** What the outcomes of the data path are called in the Kafka protocol; nothing else decides it. */
public final class ApiErrors {

  private ApiErrors() {}

  public static Errors of(Refusal refusal) {
    return switch (refusal) {
      case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
      case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
      // Kafka's answer to a replica that is not one yet: it asks again when it has a newer image.
      case UNKNOWN_LEADER_EPOCH, UNKNOWN_REPLICA -> Errors.UNKNOWN_LEADER_EPOCH;
      case NOT_ENOUGH_REPLICAS -> Errors.NOT_ENOUGH_REPLICAS;
      case NOT_ENOUGH_REPLICAS_AFTER_APPEND -> Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
      case FORBIDDEN_BY_SETTINGS -> Errors.POLICY_VIOLATION;
      case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
      case STORAGE_FAILED -> Errors.KAFKA_STORAGE_ERROR;
    };
  }

  public static Errors of(AppendError error) {
    return switch (error) {
      case CORRUPT -> Errors.CORRUPT_MESSAGE;
      case UNSUPPORTED_MAGIC, INVALID_RECORD -> Errors.INVALID_RECORD;
      case TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
      case INVALID_TIMESTAMP -> Errors.INVALID_TIMESTAMP;
      case UNSUPPORTED_CODEC -> Errors.UNSUPPORTED_COMPRESSION_TYPE;
      case UNEXPECTED_OFFSET -> Errors.UNKNOWN_SERVER_ERROR;
      case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
      case DUPLICATE_SEQUENCE -> Errors.DUPLICATE_SEQUENCE_NUMBER;
      case INVALID_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
      case UNKNOWN_PRODUCER_ID -> Errors.UNKNOWN_PRODUCER_ID;
      case INVALID_TRANSACTION_STATE -> Errors.INVALID_TXN_STATE;
    };
  }
}

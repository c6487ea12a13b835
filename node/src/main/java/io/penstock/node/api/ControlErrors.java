package io.penstock.node.api;

import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the control plane's outcomes are called in the Kafka protocol; nothing else decides it. */
public final class ControlErrors {

  private static final Logger LOG = LoggerFactory.getLogger(ControlErrors.class);

  private ControlErrors() {}

  public static Errors toKafka(ControlError error) {
    return switch (error) {
      case NONE -> Errors.NONE;
      case INVALID_REQUEST -> Errors.INVALID_REQUEST;
      case STALE_BROKER_EPOCH -> Errors.STALE_BROKER_EPOCH;
      case UNKNOWN_BROKER, BROKER_FENCED -> Errors.BROKER_ID_NOT_REGISTERED;
      case UNKNOWN_TOPIC, UNKNOWN_PARTITION -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
      case TOPIC_ALREADY_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
      case INVALID_TOPIC_NAME -> Errors.INVALID_TOPIC_EXCEPTION;
      case INVALID_PARTITIONS -> Errors.INVALID_PARTITIONS;
      case INVALID_REPLICATION_FACTOR -> Errors.INVALID_REPLICATION_FACTOR;
      case INVALID_REPLICA_ASSIGNMENT -> Errors.INVALID_REPLICA_ASSIGNMENT;
      case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
      case UNKNOWN_LEADER_EPOCH -> Errors.UNKNOWN_LEADER_EPOCH;
      case STALE_PARTITION_EPOCH -> Errors.INVALID_UPDATE_VERSION;
      case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
      case INELIGIBLE_REPLICA -> Errors.INELIGIBLE_REPLICA;
      case ELECTION_NOT_NEEDED -> Errors.ELECTION_NOT_NEEDED;
      case NO_ELIGIBLE_LEADER -> Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
      case INVALID_CONFIG -> Errors.INVALID_CONFIG;
      case UNSUPPORTED_FEATURE_LEVEL -> Errors.FEATURE_UPDATE_FAILED;
      case LIMIT_EXCEEDED -> Errors.POLICY_VIOLATION;
    };
  }

  /**
   * What a client is told when a proposal failed without an outcome: the command may have been
   * taken or not, which is what a time-out means to clients, and they may ask again. Anything else
   * is a defect here, and is logged.
   */
  public static Errors unanswered(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof TimeoutException || cause instanceof ControlUnavailableException) {
      return Errors.REQUEST_TIMED_OUT;
    }
    LOG.error("A request to the control plane failed by a defect", cause);
    return Errors.UNKNOWN_SERVER_ERROR;
  }
}

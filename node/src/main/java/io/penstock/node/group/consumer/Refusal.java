package io.penstock.node.group.consumer;

import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Why a member is not let do what it asks for. */
record Refusal(Errors error, String message) {

  ConsumerGroupHeartbeatResponseData answer() {
    return answer(error, message);
  }

  static ConsumerGroupHeartbeatResponseData answer(Errors error, String message) {
    return new ConsumerGroupHeartbeatResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(message);
  }
}

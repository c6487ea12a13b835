package io.penstock.node.api.cluster;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.VoterChange;
import java.util.UUID;
import java.util.function.BiFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** What adding and removing voters have in common: checks, and the words of the answer. */
final class VoterChanges {

  private final ControlPlane control;

  VoterChanges(ControlPlane control) {
    this.control = control;
  }

  /** Makes the change and answers what became of it. */
  void make(
      RequestContext context,
      @Nullable String clusterId,
      VoterChange change,
      long waitMs,
      BiFunction<Errors, String, ? extends ApiMessage> answer) {
    String here = KafkaIds.text(control.clusterId());
    if (clusterId != null && !clusterId.equals(here)) {
      String message = "the cluster is " + here + ", not " + clusterId;
      context.respond(answer.apply(Errors.INCONSISTENT_CLUSTER_ID, message));
      return;
    }
    if (nodeId(change) < 0) {
      context.respond(answer.apply(Errors.INVALID_REQUEST, "voter id " + nodeId(change)));
      return;
    }
    LaterAnswer.respondWithin(
        waitMs,
        context,
        control.changeVoters(change),
        outcome -> answer.apply(toKafka(outcome.error()), outcome.message()),
        failure -> {
          Errors error = ControlErrors.unanswered(failure);
          return answer.apply(error, error.message());
        });
  }

  private static int nodeId(VoterChange change) {
    return switch (change) {
      case VoterChange.Add(int id, var _) -> id;
      case VoterChange.Remove(int id, var _) -> id;
    };
  }

  /** A directory id of a request; none stands for whichever the node has. */
  static @Nullable UUID directory(Uuid id) {
    return id.equals(Uuid.ZERO_UUID) ? null : KafkaIds.fromKafka(id);
  }

  private static Errors toKafka(VoterChange.Error error) {
    return switch (error) {
      case NONE -> Errors.NONE;
      case DUPLICATE_VOTER -> Errors.DUPLICATE_VOTER;
      case VOTER_NOT_FOUND -> Errors.VOTER_NOT_FOUND;
      case NOT_REACHABLE -> Errors.BROKER_NOT_AVAILABLE;
      case NO_LIVE_MAJORITY -> Errors.INVALID_REQUEST;
      // Both are asked for again.
      case IN_PROGRESS, UNKNOWN_OUTCOME -> Errors.REQUEST_TIMED_OUT;
    };
  }
}

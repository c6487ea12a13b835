package io.penstock.node.api.fetch;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** Which partitions a request is about, and how its answer relates to a session. */
sealed interface FetchPlan {

  /** The partitions of the request itself, and no session. */
  record Once(List<FetchItem> items) implements FetchPlan {}

  /** The partitions of the request itself, which the client would like to go on from. */
  record Begin(List<FetchItem> items, boolean byTopicId) implements FetchPlan {}

  /** The partitions of a session; the answer has only what is new. */
  record Continue(FetchSession session) implements FetchPlan {}

  /** There is no such session, or the client is not where the session is. */
  record Refused(Errors error) implements FetchPlan {}
}

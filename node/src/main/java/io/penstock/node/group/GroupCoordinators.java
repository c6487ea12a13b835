package io.penstock.node.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.group.effect.Reply;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * The coordinators of this node: finds the shard of a group and brings events to it. Any thread.
 */
public interface GroupCoordinators {

  /**
   * Has the event happen on the group's shard, and sends the request's answer, whichever comes:
   * what the event replies, or what is made of the reason why it did not happen (this node does not
   * lead the group's partition, it is loading, or there is too much to do).
   */
  default <T extends ApiMessage> void onShard(
      RequestContext context, String groupId, GroupEvent<T> event, Function<Errors, T> refused) {
    ask(
        groupId,
        event,
        refused,
        answer -> LaterAnswer.resume(context, () -> context.respond(answer)));
  }

  /**
   * As {@link #onShard}, for one of several answers that a response is made of: the reply is given
   * exactly one, on any thread.
   */
  <T> void ask(String groupId, GroupEvent<T> event, Function<Errors, T> refused, Reply<T> reply);
}

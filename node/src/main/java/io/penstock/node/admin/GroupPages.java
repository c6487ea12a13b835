package io.penstock.node.admin;

import io.penstock.node.admin.http.Page;
import io.penstock.node.group.GroupFound;
import io.penstock.node.group.GroupView.Summary;
import io.penstock.node.group.GroupViews;
import io.penstock.replication.leadership.BrokerImage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the admin port says of groups. Groups are asked for on their shards' threads; what comes
 * back is written on the port's own. Any thread.
 */
final class GroupPages {

  private static final long ANSWER_MS = 5_000;

  private static final String TOO_LONG =
      "the coordinator did not answer in " + ANSWER_MS / 1_000 + " s";

  private final AdminSources sources;

  GroupPages(AdminSources sources) {
    this.sources = sources;
  }

  /** The groups that this node coordinates. */
  CompletionStage<Page> all(Executor workers) {
    GroupSources here = sources.groups().get();
    if (here == null) {
      return noBroker();
    }
    return here.views()
        .list(workers)
        .orTimeout(ANSWER_MS, TimeUnit.MILLISECONDS)
        .handle((all, failure) -> failure == null ? page(all) : late(failure));
  }

  private static CompletionStage<Page> noBroker() {
    return CompletableFuture.completedFuture(
        JsonPages.notNow("this node is no broker, not yet or no more"));
  }

  private Page page(GroupViews.All all) {
    return JsonPages.stepwise(
        json -> {
          json.writeStartObject();
          json.writeNumberField("node", sources.nodeId());
          json.writeBooleanField("complete", all.complete());
          json.writeArrayFieldStart("groups");
        },
        all.groups().stream().map(GroupPages::summary).iterator(),
        json -> {
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static JsonStep summary(Summary group) {
    return json -> {
      json.writeStartObject();
      GroupDocument.writeSummary(json, group);
      json.writeEndObject();
    };
  }

  /** One group with its lag, or where it is told of. */
  CompletionStage<Page> one(String groupId, Executor workers) {
    GroupSources here = sources.groups().get();
    if (here == null) {
      return noBroker();
    }
    return here.views()
        .find(groupId)
        .orTimeout(ANSWER_MS, TimeUnit.MILLISECONDS)
        .handleAsync(
            (found, failure) -> failure == null ? page(groupId, found, here) : late(failure),
            workers);
  }

  private static Page late(Throwable failure) {
    if (failure instanceof TimeoutException) {
      return JsonPages.notNow(TOO_LONG);
    }
    throw new CompletionException(failure);
  }

  private Page page(String groupId, GroupFound found, GroupSources here) {
    return switch (found) {
      case GroupFound.Here(var group) ->
          new GroupDocument(sources.nodeId(), group, here.lags().get()).page();
      case GroupFound.Unknown() ->
          JsonPages.error(404, "GROUP_ID_NOT_FOUND", "there is no group `" + groupId + "`");
      case GroupFound.Elsewhere(int nodeId) -> elsewhere(groupId, nodeId, here);
      case GroupFound.NotNow(String reason) -> JsonPages.notNow(reason);
    };
  }

  private static Page elsewhere(String groupId, int nodeId, GroupSources here) {
    BrokerImage broker = here.image().get().leadership().broker(nodeId);
    return JsonPages.error(
        421,
        "NOT_COORDINATOR",
        "node " + nodeId + " coordinates group `" + groupId + "`: ask its admin port",
        json -> {
          json.writeObjectFieldStart("coordinator");
          json.writeNumberField("node", nodeId);
          if (broker != null) {
            json.writeStringField("listener", broker.client().toString());
          }
          json.writeEndObject();
        });
  }
}

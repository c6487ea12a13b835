package io.penstock.node.group;

import io.penstock.node.group.effect.Group;
import io.penstock.node.group.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.Errors;

/** Lists the groups whose coordinator this node is. Any thread. */
public final class GroupListing {

  /** A name under which only offsets are committed is listed as a classic group without members. */
  private static final String CLASSIC = "classic";

  private static final String EMPTY = "Empty";

  private final GroupShards shards;

  public GroupListing(GroupShards shards) {
    this.shards = shards;
  }

  /** The groups of all shards; with an error where one of them cannot say. Never fails. */
  public CompletableFuture<ListGroupsResponseData> list(ListGroupsRequestData request) {
    Filter filter = new Filter(lowerCase(request.statesFilter()), lowerCase(request.typesFilter()));
    List<CompletableFuture<List<ListedGroup>>> parts =
        shards.submitToAll((state, nowMs, reply, effects) -> list(state, filter, reply, effects));
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .handle((_, _) -> together(parts));
  }

  private static ListGroupsResponseData together(List<CompletableFuture<List<ListedGroup>>> parts) {
    ListGroupsResponseData response = new ListGroupsResponseData();
    for (CompletableFuture<List<ListedGroup>> part : parts) {
      try {
        response.groups().addAll(part.join());
      } catch (CompletionException failure) {
        Errors error = ShardUnavailableException.errorOf(failure);
        if (error != Errors.NOT_COORDINATOR) { // that one's groups are listed elsewhere
          response.setErrorCode(error.code());
        }
      }
    }
    return response;
  }

  private static void list(
      ShardState state, Filter filter, Reply<List<ListedGroup>> reply, ShardEffects effects) {
    List<ListedGroup> groups = new ArrayList<>();
    for (Group group : state.groups().all()) {
      groups.add(
          new ListedGroup()
              .setGroupId(group.id())
              .setProtocolType(group.protocolType())
              .setGroupState(group.state())
              .setGroupType(group.type()));
    }
    for (String groupId : state.offsets().groupIds()) {
      if (state.groups().peek(groupId) == null) {
        groups.add(
            new ListedGroup()
                .setGroupId(groupId)
                .setProtocolType("")
                .setGroupState(EMPTY)
                .setGroupType(CLASSIC));
      }
    }
    groups.removeIf(group -> !filter.lets(group));
    effects.effects().answer(reply, groups);
  }

  private static Set<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  /** What is asked for; nothing stands for everything. */
  private record Filter(Set<String> states, Set<String> types) {
    boolean lets(ListedGroup group) {
      return (states.isEmpty() || states.contains(group.groupState().toLowerCase(Locale.ROOT)))
          && (types.isEmpty() || types.contains(group.groupType().toLowerCase(Locale.ROOT)));
    }
  }
}

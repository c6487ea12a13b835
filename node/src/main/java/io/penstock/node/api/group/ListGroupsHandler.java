package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupListing;
import io.penstock.node.group.GroupListing.Listed;
import io.penstock.node.group.GroupView.Summary;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.ApiKeys;

/** Lists the groups that this node coordinates; clients ask every node. */
public final class ListGroupsHandler extends TypedHandler<ListGroupsRequestData> {

  private static final long WAIT_MS = 5_000;

  private final GroupListing listing;

  public ListGroupsHandler(GroupListing listing) {
    super(ApiKeys.LIST_GROUPS, ListGroupsRequestData.class, 0, 5);
    this.listing = listing;
  }

  @Override
  protected void serve(RequestContext context, ListGroupsRequestData request) {
    Filter filter = new Filter(lowerCase(request.statesFilter()), lowerCase(request.typesFilter()));
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        listing.list(filter::lets),
        ListGroupsHandler::answer,
        failure ->
            new ListGroupsResponseData()
                .setErrorCode(OffsetCommitHandler.unanswered(failure).code()));
  }

  private static ListGroupsResponseData answer(Listed listed) {
    ListGroupsResponseData response =
        new ListGroupsResponseData().setErrorCode(listed.error().code());
    for (Summary each : listed.groups()) {
      response
          .groups()
          .add(
              new ListedGroup()
                  .setGroupId(each.groupId())
                  .setProtocolType(each.protocolType())
                  .setGroupState(each.state())
                  .setGroupType(each.type()));
    }
    return response;
  }

  private static Set<String> lowerCase(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  /** What is asked for; nothing stands for everything. */
  private record Filter(Set<String> states, Set<String> types) {
    boolean lets(Summary group) {
      return (states.isEmpty() || states.contains(group.state().toLowerCase(Locale.ROOT)))
          && (types.isEmpty() || types.contains(group.type().toLowerCase(Locale.ROOT)));
    }
  }
}

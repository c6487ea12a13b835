package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupListing;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
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
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        listing.list(request),
        answer -> answer,
        failure ->
            new ListGroupsResponseData()
                .setErrorCode(OffsetCommitHandler.unanswered(failure).code()));
  }
}

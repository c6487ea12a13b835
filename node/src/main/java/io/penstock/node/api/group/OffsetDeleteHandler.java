package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.GroupDeletion;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Deletes offsets of a group, of topics that none of its members reads. */
public final class OffsetDeleteHandler extends TypedHandler<OffsetDeleteRequestData> {

  private static final long WAIT_MS = 5_000;

  private final GroupDeletion deletion;

  public OffsetDeleteHandler(GroupDeletion deletion) {
    super(ApiKeys.OFFSET_DELETE, OffsetDeleteRequestData.class, 0, 0);
    this.deletion = deletion;
  }

  @Override
  protected void serve(RequestContext context, OffsetDeleteRequestData request) {
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        deletion.deleteOffsets(request),
        answer -> answer,
        failure ->
            new OffsetDeleteResponseData()
                .setErrorCode(OffsetCommitHandler.unanswered(failure).code()));
  }
}

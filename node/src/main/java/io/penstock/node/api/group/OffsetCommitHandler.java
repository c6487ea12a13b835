package io.penstock.node.api.group;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.group.OffsetCommits;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Commits offsets of a group and answers when they are on enough replicas. */
public final class OffsetCommitHandler extends TypedHandler<OffsetCommitRequestData> {

  private static final long WAIT_MS = 5_000;

  private final OffsetCommits commits;

  public OffsetCommitHandler(OffsetCommits commits) {
    super(ApiKeys.OFFSET_COMMIT, OffsetCommitRequestData.class, 2, 10);
    this.commits = commits;
  }

  @Override
  protected void serve(RequestContext context, OffsetCommitRequestData request) {
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        commits.commit(request, context.apiVersion()),
        answer -> answer,
        failure -> failed(request, failure));
  }

  private static OffsetCommitResponseData failed(
      OffsetCommitRequestData request, Throwable failure) {
    return OffsetCommits.failed(request, unanswered(failure));
  }

  /** What was asked for may have happened or not; clients ask again. */
  static Errors unanswered(Throwable failure) {
    return failure instanceof TimeoutException
        ? Errors.COORDINATOR_NOT_AVAILABLE
        : Errors.UNKNOWN_SERVER_ERROR;
  }
}

package io.penstock.node.api.fetch;

import static io.penstock.node.api.fetch.FetchRequests.fetch;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.RecordedContext;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client is told in a session, request after request (KIP-227). */
@Timeout(60)
final class FetchSessionTest extends FetchFixture {

  private RecordedContext begin(FetchRequests request) {
    RecordedContext context = handle(BY_ID, request.session(0, 0));
    assertTrue(response(context).sessionId() != 0);
    return context;
  }

  private static @Nullable PartitionData find(List<PartitionData> all, int partition) {
    return all.stream().filter(p -> p.partitionIndex() == partition).findAny().orElse(null);
  }

  @Test
  void incrementalFetchIsAnsweredOnlyWhatIsNew() {
    int session =
        response(begin(fetch().from("pipe", 0, 0).from("pipe", 1, 0).from("pipe", 2, 0)))
            .sessionId();
    node.append("pipe", 1, 5);

    RecordedContext second = handle(BY_ID, fetch().session(session, 1));
    assertEquals(session, response(second).sessionId());
    assertEquals(1, only(second).partitionIndex());
    assertEquals(batchBytes(5), size(only(second)));

    RecordedContext third = handle(BY_ID, fetch().session(session, 2).from("pipe", 1, 5));
    assertEquals(List.of(), partitions(third));
  }

  @Test
  void incrementalFetchAddsAndForgetsPartitions() {
    int session = response(begin(fetch().from("pipe", 0, 0))).sessionId();

    RecordedContext added = handle(BY_ID, fetch().session(session, 1).from("pipe", 2, 0));
    assertEquals(2, only(added).partitionIndex());
    node.append("pipe", 0, 1);
    node.append("pipe", 2, 1);
    RecordedContext forgotten = handle(BY_ID, fetch().session(session, 2).forget("pipe", 0));

    assertEquals(2, only(forgotten).partitionIndex());
  }

  @Test
  void incrementalFetchWaitsToo() {
    int session = response(begin(fetch().from("pipe", 0, 0).from("pipe", 1, 0))).sessionId();

    RecordedContext context = handle(BY_ID, fetch().waiting(500, 1).session(session, 1));
    assertFalse(context.isEnded());
    node.append("pipe", 0, 1);

    assertEquals(0, only(context).partitionIndex());
  }

  @Test
  void partitionThatHadDataIsReadLastNextTime() {
    node.append("pipe", 0, 10);
    node.append("pipe", 1, 10);
    int session =
        response(begin(fetch().maxBytes(1).from("pipe", 0, 10).from("pipe", 1, 10))).sessionId();
    node.append("pipe", 0, 10);
    node.append("pipe", 1, 10);

    RecordedContext first = handle(BY_ID, fetch().maxBytes(1).session(session, 1));
    assertTrue(sizeOrZero(find(partitions(first), 0)) > 0);
    RecordedContext second = handle(BY_ID, fetch().maxBytes(1).session(session, 2));

    assertTrue(sizeOrZero(find(partitions(second), 1)) > 0);
    assertEquals(0, sizeOrZero(find(partitions(second), 0)));
  }

  private static int sizeOrZero(@Nullable PartitionData data) {
    return data == null ? 0 : size(data);
  }

  @Test
  void errorsInASessionAreRepeatedUntilTheyAreOver() throws Exception {
    RecordedContext first = begin(fetch().from("late", 0, 0));
    assertEquals(Errors.UNKNOWN_TOPIC_ID, error(only(first)));
    int session = response(first).sessionId();
    assertEquals(Errors.UNKNOWN_TOPIC_ID, error(only(handle(BY_ID, fetch().session(session, 1)))));

    node.createTopic("late", 1);
    RecordedContext healed = handle(BY_ID, fetch().session(session, 2));

    assertEquals(Errors.NONE, error(only(healed)));
    assertEquals(List.of(), partitions(handle(BY_ID, fetch().session(session, 3))));
  }

  @Test
  void sessionsOutOfStepAreRefused() {
    int session = response(begin(fetch().from("pipe", 0, 0))).sessionId();

    assertEquals(
        Errors.INVALID_FETCH_SESSION_EPOCH,
        Errors.forCode(response(handle(BY_ID, fetch().session(session, 2))).errorCode()));
    assertEquals(
        Errors.FETCH_SESSION_ID_NOT_FOUND,
        Errors.forCode(response(handle(BY_ID, fetch().session(session + 1, 1))).errorCode()));
    assertEquals(
        Errors.FETCH_SESSION_TOPIC_ID_ERROR,
        Errors.forCode(response(handle(BY_NAME, fetch().session(session, 1))).errorCode()));
    assertEquals(
        Errors.NONE,
        Errors.forCode(response(handle(BY_ID, fetch().session(session, 1))).errorCode()));
  }

  @Test
  void fullFetchEndsTheSessionItNames() {
    int session = response(begin(fetch().from("pipe", 0, 0))).sessionId();

    int next = response(handle(BY_ID, fetch().session(session, 0).from("pipe", 0, 0))).sessionId();
    handle(BY_ID, fetch().session(next, -1));

    assertEquals(0, sessions.size());
  }

  @Test
  void sessionThatForgetsAllIsEnded() {
    int session = response(begin(fetch().from("pipe", 0, 0))).sessionId();

    RecordedContext context = handle(BY_ID, fetch().session(session, 1).forget("pipe", 0));

    assertEquals(0, response(context).sessionId());
    assertEquals(0, sessions.size());
  }

  @Test
  void fetchBeforeSessionsGetsNone() {
    assertEquals(0, response(handle(6, fetch().session(0, 0).from("pipe", 0, 0))).sessionId());
    assertEquals(0, sessions.size());
  }
}

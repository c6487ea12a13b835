package io.penstock.node.api.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.node.api.KafkaIds;
import io.penstock.node.api.admin.Exchange;
import io.penstock.node.api.admin.FakeLoop;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.cluster.VoterChange;
import io.penstock.replication.cluster.VoterChange.Add;
import io.penstock.replication.cluster.VoterChange.Outcome;
import io.penstock.replication.cluster.VoterChange.Remove;
import io.penstock.replication.value.ControlUnavailableException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AddRaftVoterRequestData;
import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterRequestData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What operators are told when they change who votes. */
class VoterHandlersTest {

  private static final UUID DIRECTORY = new UUID(5, 6);

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
  private final AddRaftVoterHandler add = new AddRaftVoterHandler(control);
  private final RemoveRaftVoterHandler remove = new RemoveRaftVoterHandler(control);
  private final String here = KafkaIds.text(control.clusterId());

  @Test
  void addsAVoterUnderItsDirectoryInEveryVersion() {
    for (int version = 0; version <= 1; version++) {
      AddRaftVoterResponseData response = add(version, addition(here, 4, DIRECTORY));

      assertEquals(Errors.NONE.code(), response.errorCode());
      assertNull(response.errorMessage());
    }
    assertEquals(List.of(new Add(4, DIRECTORY), new Add(4, DIRECTORY)), control.voterChanges());
  }

  @Test
  void removesAVoter() {
    assertEquals(Errors.NONE, remove(here, 4, DIRECTORY));
    assertEquals(List.of(new Remove(4, DIRECTORY)), control.voterChanges());
  }

  @Test
  void takesNoDirectoryForWhicheverTheNodeHas() {
    add(1, addition(null, 4, new UUID(0, 0)));
    remove(null, 4, new UUID(0, 0));

    assertEquals(List.of(new Add(4, null), new Remove(4, null)), control.voterChanges());
  }

  @Test
  void refusesWhatIsMeantForAnotherCluster() {
    assertEquals(
        Errors.INCONSISTENT_CLUSTER_ID.code(),
        add(1, addition("elsewhere", 4, DIRECTORY)).errorCode());
    assertEquals(Errors.INCONSISTENT_CLUSTER_ID, remove("elsewhere", 4, DIRECTORY));
    assertEquals(Errors.INVALID_REQUEST.code(), add(1, addition(here, -1, DIRECTORY)).errorCode());
    assertEquals(Errors.INVALID_REQUEST, remove(here, -1, DIRECTORY));
    assertEquals(List.of(), control.voterChanges());
  }

  @Test
  void tellsWhyAChangeWasNotMade() {
    assertEquals(Errors.DUPLICATE_VOTER, whenRefused(VoterChange.Error.DUPLICATE_VOTER));
    assertEquals(Errors.VOTER_NOT_FOUND, whenRefused(VoterChange.Error.VOTER_NOT_FOUND));
    assertEquals(Errors.BROKER_NOT_AVAILABLE, whenRefused(VoterChange.Error.NOT_REACHABLE));
    assertEquals(Errors.INVALID_REQUEST, whenRefused(VoterChange.Error.NO_LIVE_MAJORITY));
    assertEquals(Errors.REQUEST_TIMED_OUT, whenRefused(VoterChange.Error.IN_PROGRESS));
    assertEquals(Errors.REQUEST_TIMED_OUT, whenRefused(VoterChange.Error.UNKNOWN_OUTCOME));
  }

  @Test
  void tellsThatThereIsNoLeader() {
    control.setVoterOutcome(
        CompletableFuture.failedFuture(new ControlUnavailableException("no leader")));

    assertEquals(Errors.REQUEST_TIMED_OUT, remove(here, 4, DIRECTORY));
  }

  @Test
  void tellsThatTheTimeIsOver() {
    CompletableFuture<Outcome> late = new CompletableFuture<>();
    control.setVoterOutcome(late);
    FakeLoop loop = new FakeLoop();
    Exchange exchange = Exchange.start(add, 1, addition(here, 4, DIRECTORY), loop);
    assertFalse(exchange.isAnswered());

    loop.advance(1_000);
    late.complete(Outcome.DONE);

    assertEquals(
        Errors.REQUEST_TIMED_OUT.code(),
        exchange.response(AddRaftVoterResponseData.class).errorCode());
  }

  private Errors whenRefused(VoterChange.Error error) {
    control.setVoterOutcome(CompletableFuture.completedFuture(new Outcome(error, "so it is")));
    AddRaftVoterResponseData response = add(1, addition(here, 4, DIRECTORY));
    assertEquals("so it is", response.errorMessage());
    return Errors.forCode(response.errorCode());
  }

  private AddRaftVoterResponseData add(int version, AddRaftVoterRequestData request) {
    return Exchange.ask(add, version, request, AddRaftVoterResponseData.class);
  }

  private static AddRaftVoterRequestData addition(
      @Nullable String cluster, int id, UUID directory) {
    return new AddRaftVoterRequestData()
        .setClusterId(cluster)
        .setTimeoutMs(1_000)
        .setVoterId(id)
        .setVoterDirectoryId(kafka(directory));
  }

  private Errors remove(@Nullable String cluster, int id, UUID directory) {
    RemoveRaftVoterRequestData request =
        new RemoveRaftVoterRequestData()
            .setClusterId(cluster)
            .setVoterId(id)
            .setVoterDirectoryId(kafka(directory));
    return Errors.forCode(
        Exchange.ask(remove, 0, request, RemoveRaftVoterResponseData.class).errorCode());
  }

  private static Uuid kafka(UUID id) {
    return KafkaIds.toKafka(id);
  }
}

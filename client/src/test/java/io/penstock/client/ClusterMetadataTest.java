package io.penstock.client;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ClientTransport;
import io.penstock.client.net.ConnectionPool;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import io.penstock.client.net.FakeBroker;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaders, found through whatever broker answers. */
@Timeout(60)
class ClusterMetadataTest {

  private final FakeBroker first = new FakeBroker();
  private final FakeBroker second = new FakeBroker();
  private final ClientTransport transport = ClientTransport.owning("test-metadata", 1);
  private final ConnectionPool pool =
      new ConnectionPool(transport, ConnectionSettings.defaults("test"));

  @AfterEach
  void close() {
    pool.close();
    transport.close();
    first.close();
    second.close();
  }

  @Test
  void leaderIsFoundThroughTheSeedThatAnswers() throws Exception {
    Endpoint dead = first.endpoint();
    first.close();
    second.on(ApiKeys.METADATA, e -> e.answer(cluster(2, 0)));
    ClusterMetadata metadata = new ClusterMetadata(List.of(dead, second.endpoint()), pool);

    assertEquals(second.endpoint(), get(metadata.leader("t", 0)));
    assertEquals(second.endpoint(), get(metadata.leader("t", 0)));
    assertEquals(1, second.exchanges(ApiKeys.METADATA).size(), "known the second time");
  }

  @Test
  void questionGoesToTheNextBrokerWhereOneHangsUp() throws Exception {
    second.on(ApiKeys.METADATA, e -> e.answer(cluster(2, 0)));
    first.on(ApiKeys.METADATA, FakeBroker.Exchange::hangUp);
    ClusterMetadata metadata =
        new ClusterMetadata(List.of(first.endpoint(), second.endpoint()), pool);

    assertEquals(2, get(metadata.refresh()).brokers().size());
  }

  @Test
  void whereNoSeedAnswersEveryOneIsNamed() {
    List<Endpoint> seeds = List.of(first.endpoint(), second.endpoint());
    first.close();
    second.close();

    ExecutionException failure =
        assertThrows(
            ExecutionException.class, () -> get(new ClusterMetadata(seeds, pool).refresh()));

    BrokerConnectionException cause =
        assertInstanceOf(BrokerConnectionException.class, failure.getCause());
    String message = String.valueOf(cause.getMessage());
    seeds.forEach(seed -> assertTrue(message.contains(seed.toString()), message));
  }

  @Test
  void newerLeaderHintCountsAndAnOlderOneDoesNot() throws Exception {
    first.on(ApiKeys.METADATA, e -> e.answer(cluster(1, 5)));
    ClusterMetadata metadata = new ClusterMetadata(List.of(first.endpoint()), pool);
    get(metadata.refresh());

    metadata.leaderChanged("t", 0, 2, 5);
    assertEquals(Optional.of(first.endpoint()), metadata.current().leader("t", 0));
    metadata.leaderChanged("t", 0, 2, 6);
    assertEquals(Optional.of(second.endpoint()), metadata.current().leader("t", 0));
    metadata.leaderChanged("unknown", 0, 2, 6);
    metadata.leaderChanged("t", 7, 2, 6);
  }

  @Test
  void staleAnswerDoesNotBringAnOldLeaderBack() throws Exception {
    first.on(ApiKeys.METADATA, e -> e.answer(cluster(1, 5)));
    ClusterMetadata metadata = new ClusterMetadata(List.of(first.endpoint()), pool);
    get(metadata.refresh());
    metadata.leaderChanged("t", 0, 2, 6);

    get(metadata.refresh());
    get(metadata.refresh(List.of("t")));

    assertEquals(Optional.of(second.endpoint()), metadata.current().leader("t", 0));
  }

  @Test
  void callsDuringARefreshShareItsAnswer() throws Exception {
    List<FakeBroker.Exchange> held = new CopyOnWriteArrayList<>();
    first.on(ApiKeys.METADATA, held::add);
    ClusterMetadata metadata = new ClusterMetadata(List.of(first.endpoint()), pool);

    CompletableFuture<ClusterSnapshot> one = metadata.refresh();
    CompletableFuture<ClusterSnapshot> two = metadata.refresh();
    await().until(() -> held.size() == 1);
    held.get(0).answer(cluster(1, 0));

    assertEquals(get(one), get(two));
    assertEquals(1, held.size());
  }

  @Test
  void partitionWithoutLeaderHasNone() throws Exception {
    first.on(ApiKeys.METADATA, e -> e.answer(cluster(-1, 0)));
    ClusterMetadata metadata = new ClusterMetadata(List.of(first.endpoint()), pool);

    assertThrows(ExecutionException.class, () -> get(metadata.leader("t", 0)));
    assertEquals(Optional.empty(), metadata.current().leader("t", 0));
  }

  private MetadataResponseData cluster(int leader, int leaderEpoch) {
    MetadataResponseData response = new MetadataResponseData().setClusterId("c");
    int id = 1;
    for (Endpoint endpoint : List.of(first.endpoint(), second.endpoint())) {
      response
          .brokers()
          .add(
              new MetadataResponseBroker()
                  .setNodeId(id++)
                  .setHost(endpoint.host())
                  .setPort(endpoint.port()));
    }
    response
        .topics()
        .add(
            new MetadataResponseTopic()
                .setName("t")
                .setPartitions(
                    List.of(
                        new MetadataResponsePartition()
                            .setLeaderId(leader)
                            .setLeaderEpoch(leaderEpoch)
                            .setReplicaNodes(List.of(1, 2))
                            .setIsrNodes(List.of(1, 2)))));
    return response;
  }

  private static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(30, TimeUnit.SECONDS);
  }
}

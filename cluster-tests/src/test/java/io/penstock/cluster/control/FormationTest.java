package io.penstock.cluster.control;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.cluster.nodes.NodeView;
import io.penstock.cluster.nodes.TestCluster;
import io.penstock.cluster.nodes.TestCluster.Shape;
import io.penstock.cluster.nodes.TestNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Voters that are named in configurations form a cluster by themselves, and keep it. */
@Timeout(300)
class FormationTest {

  static Stream<String> startOrders() {
    Stream<String> all = Stream.of("312", "231", "123", "132", "213", "321");
    return Sizes.areLong() ? all : all.limit(2);
  }

  @ParameterizedTest
  @MethodSource("startOrders")
  void formsInAnyStartOrder(String order) throws Exception {
    TestCluster.run(
        "formation-" + order,
        Shape.of(3),
        cluster -> {
          for (int i = 0; i < order.length(); i++) {
            TestNode node = cluster.node(order.charAt(i) - '0');
            node.launch();
            await().until(() -> Files.exists(node.data().resolve(".lock")));
          }
          cluster.nodes().forEach(TestNode::awaitUp);

          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          Agreement.awaitVoters(cluster.node(1), Set.of(1, 2, 3));
          assertEquals(
              1, cluster.nodes().stream().map(FormationTest::clusterId).distinct().count());
        });
  }

  private static String clusterId(TestNode node) {
    try (NodeView view = new NodeView(node)) {
      return view.clusterId();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Test
  void showsWhatOneNodeCreatedToClientsOfAnother() throws Exception {
    TestCluster.run(
        "seen",
        Shape.of(3),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap(cluster, 1)))) {
            admin.createTopics(List.of(new NewTopic("events", 6, (short) 1))).all().get();
          }

          roundTrip(bootstrap(cluster, 2), bootstrap(cluster, 3));

          Agreement.awaitTopics(cluster.nodes(), List.of("events"));
        });
  }

  private static String bootstrap(TestCluster cluster, int id) {
    return cluster.node(id).bootstrap();
  }

  private static void roundTrip(String written, String read) throws Exception {
    Properties producing = new Properties();
    producing.put("bootstrap.servers", written);
    producing.put("acks", "all");
    var strings = new StringSerializer();
    try (var producer = new KafkaProducer<>(producing, strings, strings)) {
      for (int partition = 0; partition < 6; partition++) {
        producer.send(new ProducerRecord<>("events", partition, null, "to " + partition)).get();
      }
    }
    Properties consuming = new Properties();
    consuming.put("bootstrap.servers", read);
    consuming.put("auto.offset.reset", "earliest");
    var text = new StringDeserializer();
    try (var consumer = new KafkaConsumer<>(consuming, text, text)) {
      List<TopicPartition> all =
          Stream.of(0, 1, 2, 3, 4, 5).map(p -> new TopicPartition("events", p)).toList();
      consumer.assign(all);
      int[] seen = {0};
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            seen[0] += consumer.poll(Duration.ofMillis(200)).count();
            return seen[0] == 6;
          });
    }
  }

  @Test
  void keepsEverythingThroughRestartsOfEachAndOfAll() throws Exception {
    TestCluster.run(
        "restarts",
        Shape.of(3),
        cluster -> {
          cluster.start();
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          try (NodeView view = new NodeView(cluster.node(1))) {
            view.create("kept", 3, 1);
            view.create("spread", 3, 3);
          }

          for (TestNode node : cluster.nodes()) {
            assertEquals(0, node.stop());
            node.start();
            Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
            Agreement.awaitTopics(cluster.nodes(), List.of("kept", "spread"));
          }
          cluster.nodes().forEach(TestNode::kill);
          cluster.start();

          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
          Agreement.awaitTopics(cluster.nodes(), List.of("kept", "spread"));
          Agreement.awaitHealthy(cluster.node(2));
        });
  }

  @Test
  void refusesANodeWhoseIdIsInUse() throws Exception {
    TestCluster.run(
        "twice",
        Shape.of(3),
        cluster -> {
          cluster.start();
          TestNode twin = cluster.addTwin(3);

          twin.launch();

          assertTrue(twin.awaitEnd() != 0, twin::output);
          assertTrue(
              twin.output().contains("node id 3 is used by two processes: at "), twin::output);
          Agreement.awaitBrokers(cluster.nodes(), Set.of(1, 2, 3));
        });
  }
}

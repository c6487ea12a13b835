package io.penstock.cluster.bench;

import io.penstock.cluster.history.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Many groups whose members commit an offset a second each, and nothing else, so that what brokers
 * do is for groups alone: {@code Groups BOOTSTRAP PROTOCOL GROUPS MEMBERS REPLICAS WARM_S SECONDS},
 * PROTOCOL being {@code classic} or {@code consumer}. Prints a line when all members have come,
 * {@code measured} when WARM_S seconds are over, and how long commits took in the SECONDS after
 * that.
 */
public final class Groups {
  private static final String TOPIC = "committed";
  private static final Duration BETWEEN_MEMBERS = Duration.ofMillis(2);
  private static final int JOIN_S_MAX = 300;

  private Groups() {}

  /** Runs once. */
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0];
    boolean classic = arguments[1].equals("classic");
    int groups = Integer.parseInt(arguments[2]);
    int membersEach = Integer.parseInt(arguments[3]);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      NewTopic topic = new NewTopic(TOPIC, membersEach, Short.parseShort(arguments[4]));
      admin.createTopics(List.of(topic)).all().get();
      // The topic of the groups comes into being before two thousand ask for it again and again.
      admin.listConsumerGroupOffsets("group-0").partitionsToOffsetAndMetadata().get();
    }
    String node = bootstrap.split(",", -1)[0];
    CommitFigures figures = new CommitFigures(groups * membersEach);
    List<CommittingMember> members = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long startNs = System.nanoTime();
    for (int group = 0; group < groups; group++) {
      for (int partition = 0; partition < membersEach; partition++) {
        String id = "group-" + group;
        Membership membership =
            classic ? new ClassicMembership(id, TOPIC) : new ConsumerMembership(id, TOPIC);
        members.add(new CommittingMember(node, id, TOPIC, partition, membership, figures));
        threads.add(Thread.ofVirtual().start(members.getLast()));
        Waiting.goBy(BETWEEN_MEMBERS);
      }
    }
    if (!figures.awaitJoined(JOIN_S_MAX)) {
      throw new IllegalStateException(
          figures.missing() + " members did not come; " + figures.take());
    }
    Output.print(
        "%d members of %d groups have come after %d ms"
            .formatted(members.size(), groups, (System.nanoTime() - startNs) / 1_000_000));
    Waiting.goBy(Duration.ofSeconds(Long.parseLong(arguments[5])));
    Output.print("before it is measured: " + figures.take());
    Output.print("measured");
    Waiting.goBy(Duration.ofSeconds(Long.parseLong(arguments[6])));
    Output.print(figures.take());
    members.forEach(CommittingMember::stop);
    for (Thread thread : threads) {
      thread.join();
    }
  }
}

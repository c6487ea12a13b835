package io.penstock.cluster.clients;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.DuplicateVoterException;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.VoterNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * A program of its own, so that one compiled class runs with several versions of kafka-clients: it
 * asks a healthy cluster of any size everything that its admin client knows about clusters,
 * quorums, elections and features, and holds the answers against each other. Ends with 0 only when
 * all fit.
 */
public final class AdminTour {
  private static final String FEATURE = "penstock.version";

  private final Admin admin;
  private final String topic;

  private AdminTour(Admin admin, String topic) {
    this.admin = admin;
    this.topic = topic;
  }

  /** Arguments: bootstrap address, the name of a topic to create. */
  public static void main(String[] arguments) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
      AdminTour tour = new AdminTour(admin, arguments[1]);
      List<Integer> nodes = tour.nodes();
      tour.quorum(nodes);
      tour.elections(nodes.size());
      tour.features();
      tour.brokers(nodes);
      print("all as expected: nodes " + nodes);
    }
  }

  private List<Integer> nodes() throws Exception {
    List<Integer> ids =
        admin.describeCluster().nodes().get().stream().map(Node::id).sorted().toList();
    int controller = admin.describeCluster().controller().get().id();
    require(ids.contains(controller), "controller " + controller + " is none of " + ids);
    if (isOld()) {
      return ids;
    }
    List<Node> all =
        admin
            .describeCluster(new DescribeClusterOptions().includeFencedBrokers(true))
            .nodes()
            .get()
            .stream()
            .toList();
    require(all.size() == ids.size(), "there are fenced brokers: " + all);
    require(all.stream().noneMatch(Node::isFenced), "there are fenced brokers: " + all);
    return ids;
  }

  private void quorum(List<Integer> nodes) throws Exception {
    QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
    List<Integer> voters =
        quorum.voters().stream().map(QuorumInfo.ReplicaState::replicaId).sorted().toList();
    require(voters.contains(quorum.leaderId()), "leader " + quorum.leaderId() + " of " + voters);
    require(nodes.containsAll(voters), "voters " + voters + " of nodes " + nodes);
    require(quorum.leaderEpoch() > 0, "epoch " + quorum.leaderEpoch());
    for (QuorumInfo.ReplicaState voter : quorum.voters()) {
      require(voter.logEndOffset() > 0, "voter " + voter);
      require(voter.lastFetchTimestamp().isPresent(), "voter " + voter);
    }
    require(quorum.highWatermark() > 0, "high watermark " + quorum.highWatermark());
    if (isOld()) {
      return;
    }
    QuorumInfo.ReplicaState voter = quorum.voters().get(0);
    require(
        voters.size() == 1 || quorum.nodes().containsKey(voter.replicaId()),
        "no address of voter " + voter);
    requireFailure(
        DuplicateVoterException.class,
        admin
            .addRaftVoter(
                voter.replicaId(),
                voter.replicaDirectoryId(),
                Set.of(new RaftVoterEndpoint("PEER", "localhost", 9093)))
            .all());
    requireFailure(
        VoterNotFoundException.class,
        admin.removeRaftVoter(voter.replicaId(), Uuid.randomUuid()).all());
  }

  private void elections(int brokers) throws Exception {
    short replicas = (short) Math.min(3, brokers);
    admin.createTopics(List.of(new NewTopic(topic, 2, replicas))).all().get();
    TopicPartition known = new TopicPartition(topic, 0);
    TopicPartition unknown = new TopicPartition(topic, 2);
    Map<TopicPartition, Optional<Throwable>> outcomes =
        admin.electLeaders(ElectionType.PREFERRED, Set.of(known, unknown)).partitions().get();
    requireCause(ElectionNotNeededException.class, outcomes.get(known));
    requireCause(UnknownTopicOrPartitionException.class, outcomes.get(unknown));
    outcomes = admin.electLeaders(ElectionType.UNCLEAN, Set.of(known)).partitions().get();
    requireCause(ElectionNotNeededException.class, outcomes.get(known));
    outcomes = admin.electLeaders(ElectionType.UNCLEAN, null).partitions().get();
    require(outcomes.keySet().stream().noneMatch(p -> p.topic().equals(topic)), "" + outcomes);
  }

  private void features() throws Exception {
    FeatureMetadata features = admin.describeFeatures().featureMetadata().get();
    require(features.supportedFeatures().containsKey(FEATURE), "supported: " + features);
    FinalizedVersionRange finalized = features.finalizedFeatures().get(FEATURE);
    short level = finalized == null ? 0 : finalized.maxVersionLevel();
    require(level > 0, "finalized: " + features);
    require(features.finalizedFeaturesEpoch().isPresent(), "no epoch: " + features);
    update(level).get();
    requireFailure(InvalidUpdateVersionException.class, update((short) (level + 100)));
  }

  private Future<Void> update(short level) {
    FeatureUpdate update = new FeatureUpdate(level, FeatureUpdate.UpgradeType.UPGRADE);
    return admin.updateFeatures(Map.of(FEATURE, update), new UpdateFeaturesOptions()).all();
  }

  private void brokers(List<Integer> nodes) {
    requireFailure(BrokerIdNotRegisteredException.class, admin.unregisterBroker(9_999).all());
    requireFailure(InvalidRequestException.class, admin.unregisterBroker(nodes.get(0)).all());
  }

  /** Whether this client is too old to know of fenced brokers and of the addresses of voters. */
  private static boolean isOld() {
    return Arrays.stream(DescribeClusterOptions.class.getMethods())
        .noneMatch(method -> method.getName().equals("includeFencedBrokers"));
  }

  @SuppressWarnings("NullableOptional") // a map may not have it
  private static void requireCause(
      Class<? extends Throwable> expected, @Nullable Optional<Throwable> outcome) {
    require(
        outcome != null && outcome.isPresent() && expected.isInstance(outcome.get()),
        "not " + expected.getSimpleName() + " but " + outcome);
  }

  private static void requireFailure(Class<? extends Throwable> expected, Future<?> answer) {
    try {
      answer.get();
    } catch (ExecutionException e) {
      require(
          expected.isInstance(e.getCause()),
          "not " + expected.getSimpleName() + " but " + e.getCause());
      return;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("no " + expected.getSimpleName());
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  @SuppressWarnings("SystemOut") // a program's output
  private static void print(String line) {
    System.out.println(line);
  }
}

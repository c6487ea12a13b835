package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.KafkaIds;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.topic.TopicConfigs;
import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipResult.Refused;
import io.penstock.replication.leadership.LeadershipResult.TopicOutcome;
import io.penstock.replication.leadership.LeadershipResult.TopicsResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.leadership.NewTopic;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.value.ControlError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Brings topics into being: configuration first, under the topic's new id, then the topic, so that
 * a topic is never seen without what it was created with. Where the topic is refused, its
 * configuration is taken back; where that fails, or nobody knows whether the topic was created,
 * {@link ConfigReconciler} finds what is left over. Any thread; keeps no state.
 */
public final class TopicCreation {

  /**
   * What became of one wish. {@code served} completes when this node serves what it leads of the
   * topic.
   */
  record Outcome(
      TopicWish wish,
      @Nullable UUID id,
      Errors error,
      @Nullable String message,
      CompletionStage<?> served) {

    static Outcome refused(TopicWish wish, Errors error, @Nullable String message) {
      return new Outcome(wish, null, error, message, CompletableFuture.completedFuture(wish));
    }

    boolean isCreated() {
      return error == Errors.NONE;
    }
  }

  /** A wish that passed this node's checks, as the control plane is asked for it. */
  private record Plan(TopicWish wish, NewTopic topic) {

    /** Nobody knows whether there is or will be such a topic; so its configuration stays, too. */
    Outcome unanswered(Errors error) {
      return Outcome.refused(wish, error, null);
    }
  }

  private final ControlPlane control;
  private final LocalPartitions local;
  private final NodeConfig config;

  public TopicCreation(ControlPlane control, LocalPartitions local, NodeConfig config) {
    this.control = control;
    this.local = local;
    this.config = config;
  }

  /** What {@link #create} would answer, by the same rules; nothing is proposed. */
  List<Outcome> tryOut(List<TopicWish> wishes) {
    List<Outcome> outcomes = new ArrayList<>(wishes.size());
    List<Plan> plans = plan(wishes, outcomes);
    CreateTopics command = new CreateTopics(plans.stream().map(Plan::topic).toList());
    LeadershipImage image = control.image().leadership();
    outcomes.addAll(outcomes(plans, LeadershipRules.apply(image, command).result(), false));
    return outcomes;
  }

  /** Creates the topics, each for itself; in any order. */
  CompletionStage<List<Outcome>> create(List<TopicWish> wishes) {
    List<Outcome> refused = new ArrayList<>();
    List<Plan> plans = plan(wishes, refused);
    List<List<Plan>> chunks = Chunks.of(plans, plan -> plan.wish().commandBytes());
    return Chunks.inTurn(chunks, this::createChunk, Plan::unanswered)
        .thenApply(created -> {
          List<Outcome> all = new ArrayList<>(refused);
          all.addAll(created);
          return all;
        });
  }

  /**
   * Creates topics that nobody described, with the node's defaults. Completes when they are served,
   * whether it was this call that created them or another one at the same time, with the reasons
   * why others cannot be created, by name.
   */
  CompletionStage<Map<String, Errors>> createByDefault(List<String> names) {
    return create(names.stream().map(TopicWish::byDefault).toList())
        .thenCompose(outcomes -> {
          List<CompletableFuture<?>> served = new ArrayList<>();
          Map<String, Errors> refused = new HashMap<>();
          for (Outcome outcome : outcomes) {
            TopicImage topic = control.image().leadership().topic(outcome.wish().name());
            if (topic == null) {
              refused.put(outcome.wish().name(), outcome.error());
            } else {
              served.add(
                  local.whenServed(topic.id(), topic.partitionCount()).toCompletableFuture());
            }
          }
          return CompletableFuture.allOf(served.toArray(CompletableFuture[]::new))
              .thenApply(_ -> refused);
        });
  }

  /**
   * Creates a topic of the brokers' own, unless it is there. Completes when what this node leads of
   * it is served, with the reason why it could not be created, if so.
   */
  public CompletionStage<Errors> createInternal(
      String name, int partitions, int replicationFactor, SortedMap<String, String> configs) {
    TopicWish wish = new TopicWish(name, partitions, replicationFactor, List.of(), configs);
    return createChunk(List.of(new Plan(wish, newTopic(wish))))
        .thenCompose(outcomes -> {
          Errors error = outcomes.getFirst().error();
          TopicImage topic = control.image().leadership().topic(name);
          return topic == null
              ? CompletableFuture.completedFuture(error)
              : local.whenServed(topic.id(), topic.partitionCount()).thenApply(_ -> Errors.NONE);
        });
  }

  int partitionsOf(TopicWish wish) {
    if (!wish.assignments().isEmpty()) {
      return wish.assignments().size();
    }
    return wish.partitions() == TopicWish.BY_DEFAULT
        ? config.topics().partitions()
        : wish.partitions();
  }

  int replicationFactorOf(TopicWish wish) {
    if (!wish.assignments().isEmpty()) {
      return wish.assignments().getFirst().size();
    }
    return wish.replicationFactor() == TopicWish.BY_DEFAULT
        ? config.topics().replicationFactor()
        : wish.replicationFactor();
  }

  TopicSettings settingsOf(TopicWish wish) {
    return new TopicSettings(wish.configs(), config.topics().defaults());
  }

  private List<Plan> plan(List<TopicWish> wishes, List<Outcome> refused) {
    List<Plan> plans = new ArrayList<>(wishes.size());
    int room = config.limits().partitions() - control.image().leadership().partitionCount();
    int requestRoom = AdminLimits.NEW_PARTITIONS_MAX;
    for (TopicWish wish : wishes) {
      int partitions = partitionsOf(wish);
      Outcome refusal = refusal(wish);
      if (refusal == null && partitions > Math.min(room, requestRoom)) {
        refusal = Outcome.refused(wish, Errors.POLICY_VIOLATION, tooMany(partitions > requestRoom));
      }
      if (refusal != null) {
        refused.add(refusal);
        continue;
      }
      room -= Math.max(0, partitions);
      requestRoom -= Math.max(0, partitions);
      plans.add(new Plan(wish, newTopic(wish)));
    }
    return plans;
  }

  private String tooMany(boolean inRequest) {
    return inRequest
        ? "more than " + AdminLimits.NEW_PARTITIONS_MAX + " partitions in one request"
        : "the cluster would have more than "
            + config.limits().partitions()
            + " partitions, which `limits.partitions` sets";
  }

  private @Nullable Outcome refusal(TopicWish wish) {
    String name = ReservedTopics.problemWithNew(wish.name());
    if (name != null) {
      return Outcome.refused(wish, Errors.INVALID_TOPIC_EXCEPTION, name);
    }
    List<String> problems = TopicConfigs.problems(wish.configs());
    return problems.isEmpty()
        ? null
        : Outcome.refused(wish, Errors.INVALID_CONFIG, String.join("; ", problems));
  }

  private NewTopic newTopic(TopicWish wish) {
    UUID id = KafkaIds.random();
    NewTopic topic =
        wish.assignments().isEmpty()
            ? NewTopic.placed(wish.name(), id, partitionsOf(wish), replicationFactorOf(wish))
            : NewTopic.assigned(wish.name(), id, wish.assignments());
    return topic.withMinInsyncReplicas(settingsOf(wish).minInsyncReplicas());
  }

  private CompletionStage<List<Outcome>> createChunk(List<Plan> plans) {
    List<ConfigChange> changes = new ArrayList<>();
    for (Plan plan : plans) {
      if (!plan.wish().configs().isEmpty()) {
        ConfigTarget target = new ConfigTarget.Topic(plan.topic().id());
        changes.add(ConfigChange.merge(target, plan.wish().configs(), Set.of()));
      }
    }
    if (changes.isEmpty()) {
      return createConfigured(plans);
    }
    return control
        .propose(new SetConfigs(changes))
        .thenCompose(result ->
            result instanceof MetadataResult.Refused(ControlError error, String message)
                ? CompletableFuture.completedFuture(allRefused(plans, error, message))
                : createConfigured(plans));
  }

  private CompletionStage<List<Outcome>> createConfigured(List<Plan> plans) {
    return control
        .propose(new CreateTopics(plans.stream().map(Plan::topic).toList()))
        .thenApply(result -> outcomes(plans, result, true))
        .thenCompose(this::withoutOrphanedConfigs);
  }

  private CompletionStage<List<Outcome>> withoutOrphanedConfigs(List<Outcome> outcomes) {
    List<UUID> orphaned = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (!outcome.isCreated() && outcome.id() != null && !outcome.wish().configs().isEmpty()) {
        orphaned.add(outcome.id());
      }
    }
    return orphaned.isEmpty()
        ? CompletableFuture.completedFuture(outcomes)
        : control.propose(new DeleteTopicConfigs(orphaned)).handle((_, _) -> outcomes);
  }

  private List<Outcome> outcomes(List<Plan> plans, LeadershipResult result, boolean done) {
    if (result instanceof Refused(ControlError error, String message)) {
      return allRefused(plans, error, message);
    }
    List<TopicOutcome> topics = ((TopicsResult) result).topics();
    List<Outcome> outcomes = new ArrayList<>(plans.size());
    for (int i = 0; i < plans.size(); i++) {
      Plan plan = plans.get(i);
      TopicOutcome topic = topics.get(i);
      boolean created = topic.error().isNone();
      outcomes.add(
          new Outcome(
              plan.wish(),
              topic.topicId(),
              ControlErrors.toKafka(topic.error()),
              created ? null : topic.message(),
              created && done
                  ? local.whenServed(topic.topicId(), partitionsOf(plan.wish()))
                  : CompletableFuture.completedFuture(topic)));
    }
    return outcomes;
  }

  private static List<Outcome> allRefused(List<Plan> plans, ControlError error, String message) {
    List<Outcome> outcomes = new ArrayList<>(plans.size());
    for (Plan plan : plans) {
      outcomes.add(
          new Outcome(
              plan.wish(),
              plan.topic().id(),
              ControlErrors.toKafka(error),
              message,
              CompletableFuture.completedFuture(error)));
    }
    return outcomes;
  }
}

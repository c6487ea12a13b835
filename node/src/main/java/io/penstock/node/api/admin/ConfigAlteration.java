package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.admin.ConfigEdit.Operation;
import io.penstock.node.config.GroupTimes;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.topic.ConfigType;
import io.penstock.node.topic.TopicConfig;
import io.penstock.node.topic.TopicConfigs;
import io.penstock.node.topic.TopicSettings;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.leadership.TopicImage;
import io.penstock.replication.leadership.TopicNames;
import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Changes the settings of topics and of groups. Each resource is changed whole or not at all, and
 * judged by what it would come to. Any thread; keeps no state.
 */
final class ConfigAlteration {

  /** What became of one edit. */
  record Answer(byte resourceType, String resourceName, Errors error, @Nullable String message) {

    static Answer of(ConfigEdit edit, Errors error, @Nullable String message) {
      return new Answer(edit.resourceType(), edit.resourceName(), error, message);
    }
  }

  /** An edit that was checked: the settings that its target will have. */
  private record Plan(ConfigEdit edit, ConfigTarget target, SortedMap<String, String> settings) {

    /** Names only what is edited, so that another edit under way at the same time is not undone. */
    ConfigChange change() {
      if (edit.replace()) {
        return ConfigChange.replace(target, settings);
      }
      SortedMap<String, String> set = new TreeMap<>();
      Set<String> delete = new HashSet<>();
      for (Operation operation : edit.operations()) {
        String value = settings.get(operation.name());
        if (value == null) {
          delete.add(operation.name());
        } else {
          set.put(operation.name(), value);
        }
      }
      return ConfigChange.merge(target, set, delete);
    }

    Answer unanswered(Errors error) {
      return Answer.of(edit, error, error.message());
    }

    long commandBytes() {
      long bytes = 64 + 3L * edit.resourceName().length();
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        bytes += 16L + setting.getKey().length() + setting.getValue().length();
      }
      return bytes;
    }
  }

  /** Why an edit cannot be carried out. */
  private static final class RefusedEdit extends Exception {
    private static final long serialVersionUID = 1L;
    private final Errors error;

    RefusedEdit(Errors error, String message) {
      super(message, null, false, false);
      this.error = error;
    }
  }

  private final ControlPlane control;
  private final NodeConfig config;
  private final InsyncMinimums minimums;
  private final GroupTimes groupTimes;

  ConfigAlteration(ControlPlane control, NodeConfig config) {
    this.control = control;
    this.config = config;
    this.minimums = new InsyncMinimums(control, config.topics().defaults());
    this.groupTimes = GroupTimes.of(config.groups().consumers());
  }

  /** One answer for each edit, in no particular order. */
  CompletionStage<List<Answer>> apply(List<ConfigEdit> edits, boolean validateOnly) {
    ClusterImage image = control.image();
    List<Answer> answers = new ArrayList<>();
    List<Plan> plans = new ArrayList<>();
    Set<List<Object>> repeated = repeated(edits);
    for (ConfigEdit edit : edits) {
      if (repeated.contains(key(edit))) {
        String message = "each resource must appear at most once";
        answers.add(Answer.of(edit, Errors.INVALID_REQUEST, message));
        continue;
      }
      try {
        plans.add(plan(edit, image));
      } catch (RefusedEdit refused) {
        answers.add(Answer.of(edit, refused.error, refused.getMessage()));
      }
    }
    if (validateOnly) {
      plans.forEach(plan -> answers.add(Answer.of(plan.edit(), Errors.NONE, null)));
      return CompletableFuture.completedFuture(answers);
    }
    return Chunks.inTurn(Chunks.of(plans, Plan::commandBytes), this::propose, Plan::unanswered)
        .thenApply(done -> {
          answers.addAll(done);
          return answers;
        });
  }

  private CompletionStage<List<Answer>> propose(List<Plan> plans) {
    return control
        .propose(new SetConfigs(plans.stream().map(Plan::change).toList()))
        .thenCompose(result -> {
          if (result instanceof MetadataResult.Refused refused) {
            Errors error = ControlErrors.toKafka(refused.error());
            return CompletableFuture.completedFuture(answers(plans, error, refused.message()));
          }
          return minimums.follow(topics(plans)).thenApply(_ -> answers(plans, Errors.NONE, null));
        });
  }

  private static List<UUID> topics(List<Plan> plans) {
    List<UUID> ids = new ArrayList<>();
    for (Plan plan : plans) {
      if (plan.target() instanceof ConfigTarget.Topic(UUID id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  private static List<Answer> answers(List<Plan> plans, Errors error, @Nullable String message) {
    return plans.stream().map(plan -> Answer.of(plan.edit(), error, message)).toList();
  }

  private Plan plan(ConfigEdit edit, ClusterImage image) throws RefusedEdit {
    ConfigTarget target = target(edit, image);
    SortedMap<String, String> before = image.metadata().configs(target);
    SortedMap<String, String> settings = edit.replace() ? new TreeMap<>() : new TreeMap<>(before);
    Set<String> seen = new HashSet<>();
    for (Operation operation : edit.operations()) {
      if (!seen.add(operation.name())) {
        throw new RefusedEdit(Errors.INVALID_REQUEST, operation.name() + " is given twice");
      }
      change(settings, operation);
    }
    List<String> problems =
        target instanceof ConfigTarget.Group
            ? groupTimes.problems(settings)
            : TopicConfigs.problems(settings);
    if (!problems.isEmpty()) {
      throw new RefusedEdit(Errors.INVALID_CONFIG, String.join("; ", problems));
    }
    return new Plan(edit, target, settings);
  }

  private static ConfigTarget target(ConfigEdit edit, ClusterImage image) throws RefusedEdit {
    return switch (edit.resourceType()) {
      case ConfigResources.TOPIC -> new ConfigTarget.Topic(topic(edit, image).id());
      case ConfigResources.GROUP -> group(edit);
      case ConfigResources.BROKER -> {
        String message = "settings of brokers are in penstock.yaml: change the file and restart";
        throw new RefusedEdit(Errors.INVALID_REQUEST, message);
      }
      default ->
          throw new RefusedEdit(
              Errors.INVALID_REQUEST, ConfigResources.unsupported(edit.resourceType()));
    };
  }

  private static ConfigTarget group(ConfigEdit edit) throws RefusedEdit {
    String problem = ConfigResources.problemOfGroup(edit.resourceName());
    if (problem != null) {
      throw new RefusedEdit(Errors.INVALID_REQUEST, problem);
    }
    return new ConfigTarget.Group(edit.resourceName());
  }

  private static TopicImage topic(ConfigEdit edit, ClusterImage image) throws RefusedEdit {
    String problem = TopicNames.problemOf(edit.resourceName());
    if (problem != null) {
      throw new RefusedEdit(Errors.INVALID_TOPIC_EXCEPTION, problem);
    }
    TopicImage topic = image.leadership().topic(edit.resourceName());
    if (topic == null) {
      throw new RefusedEdit(
          Errors.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + edit.resourceName() + "'");
    }
    return topic;
  }

  private void change(SortedMap<String, String> settings, Operation operation) throws RefusedEdit {
    if (operation.kind() == ConfigEdit.DELETE) {
      settings.remove(operation.name());
      return;
    }
    String value = operation.value();
    if (value == null) {
      throw new RefusedEdit(
          Errors.INVALID_REQUEST, "Null value not supported for " + operation.name());
    }
    switch (operation.kind()) {
      case ConfigEdit.SET -> settings.put(operation.name(), value);
      case ConfigEdit.APPEND, ConfigEdit.SUBTRACT ->
          settings.put(operation.name(), changedList(settings, operation, value));
      default ->
          throw new RefusedEdit(Errors.INVALID_REQUEST, "unknown operation " + operation.kind());
    }
  }

  private String changedList(SortedMap<String, String> settings, Operation operation, String value)
      throws RefusedEdit {
    TopicConfig known = TopicConfigs.find(operation.name());
    if (known == null || known.type() != ConfigType.LIST) {
      String message = operation.name() + " is no list: it can only be set or deleted";
      throw new RefusedEdit(Errors.INVALID_CONFIG, message);
    }
    Set<String> items = items(settings(settings).value(known));
    if (operation.kind() == ConfigEdit.APPEND) {
      items.addAll(items(value));
    } else {
      items.removeAll(items(value));
    }
    return String.join(",", items);
  }

  private TopicSettings settings(Map<String, String> own) {
    return new TopicSettings(own, config.topics().defaults());
  }

  private static Set<String> items(String list) {
    return Arrays.stream(list.split(","))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Set<List<Object>> repeated(List<ConfigEdit> edits) {
    Map<List<Object>, Integer> counts = new HashMap<>();
    edits.forEach(edit -> counts.merge(key(edit), 1, Integer::sum));
    counts.values().removeIf(count -> count == 1);
    return counts.keySet();
  }

  private static List<Object> key(ConfigEdit edit) {
    return List.of(edit.resourceType(), edit.resourceName());
  }
}

package io.penstock.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.penstock.client.ConfigValue;
import io.penstock.client.DurabilityContract;
import io.penstock.client.PartitionDescription;
import io.penstock.client.TopicDescription;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/**
 * The JSON form of what commands print. Scripts depend on these names: add to them, never change
 * them. Stateless.
 */
final class Json {

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  static void print(PrintWriter out, Object value) {
    try {
      out.println(MAPPER.writeValueAsString(value));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, lists and strings always have a JSON form", e);
    }
  }

  static Map<String, Object> summary(TopicDescription topic) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", topic.name());
    fields.put("id", id(topic.id()));
    fields.put("internal", topic.internal());
    fields.put("partitionCount", topic.partitions().size());
    fields.put("replicationFactor", topic.replicationFactor());
    return fields;
  }

  static Map<String, Object> details(TopicDescription topic, List<ConfigValue> configs) {
    Map<String, Object> fields = summary(topic);
    fields.put("partitions", topic.partitions().stream().map(Json::partition).toList());
    Map<String, Object> changed = new LinkedHashMap<>();
    for (ConfigValue config : configs) {
      if (!config.isDefault()) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("value", config.value() == null ? "" : config.value());
        value.put("source", config.source().name());
        changed.put(config.name(), value);
      }
    }
    fields.put("configs", changed);
    fields.put("durability", DurabilityContract.words(topic, configs));
    return fields;
  }

  /** A topic id the way Kafka's tools write it. */
  static String id(UUID id) {
    return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
  }

  private static Map<String, Object> partition(PartitionDescription partition) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("partition", partition.index());
    fields.put("leader", partition.leader());
    fields.put("leaderEpoch", partition.leaderEpoch());
    fields.put("replicas", partition.replicas());
    fields.put("inSync", partition.inSync());
    return fields;
  }
}

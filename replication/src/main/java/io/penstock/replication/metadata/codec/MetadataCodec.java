package io.penstock.replication.metadata.codec;

import io.penstock.replication.metadata.ConfigChange;
import io.penstock.replication.metadata.ConfigTarget;
import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataCommand.DeleteTopicConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetConfigs;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.FeatureLevels;
import io.penstock.replication.value.PersistentMap;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Commands and snapshots of the {@code metadata} group: one byte of version, for commands one of
 * kind, the fields in order. Numbers of kinds are never used again.
 */
public final class MetadataCodec {

  static final int COMMAND_VERSION = 1;
  static final int IMAGE_VERSION = 1;

  private static final int SET_CONFIGS = 1;
  private static final int DELETE_TOPIC_CONFIGS = 2;
  private static final int ALLOCATE_PRODUCER_IDS = 3;
  private static final int SET_FEATURE_LEVEL = 4;

  private static final int ALL_NODES = 0;
  private static final int NODE = 1;
  private static final int TOPIC = 2;
  private static final int GROUP = 3;

  private MetadataCodec() {}

  public static byte[] encode(MetadataCommand command) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CompactOutput out = new CompactOutput(bytes);
      out.writeByte(COMMAND_VERSION);
      write(command, out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what was written here.
   *
   * @throws UnknownFormatException if a newer version wrote it, or if it is damaged
   */
  public static MetadataCommand decode(byte[] bytes) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int version = in.readByte();
      if (version != COMMAND_VERSION) {
        throw new UnknownFormatException("a metadata command has version " + version);
      }
      MetadataCommand command = read(in.readByte(), in);
      in.expectEnd();
      return command;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }

  public static void writeImage(MetadataImage image, CompactOutput out) throws IOException {
    out.writeByte(IMAGE_VERSION);
    out.writeUnsigned(image.featureLevel());
    out.writeUnsigned(image.nextProducerId());
    out.writeUnsigned(image.allConfigs().size());
    for (Map.Entry<ConfigTarget, SortedMap<String, String>> entry : image.allConfigs()) {
      writeTarget(entry.getKey(), out);
      writeMap(entry.getValue(), out);
    }
  }

  /**
   * Reads what was written here.
   *
   * @throws UnknownFormatException if a newer version wrote it, or if it is damaged
   */
  public static MetadataImage readImage(CompactInput in) throws IOException {
    int version = in.readByte();
    if (version != IMAGE_VERSION) {
      throw new UnknownFormatException("a metadata snapshot has version " + version);
    }
    int featureLevel = known(in.readUnsignedInt());
    long nextProducerId = in.readUnsigned();
    int count = in.readCount();
    PersistentMap<ConfigTarget, SortedMap<String, String>> configs = PersistentMap.empty();
    for (int i = 0; i < count; i++) {
      configs = configs.with(readTarget(in), Collections.unmodifiableSortedMap(readMap(in)));
    }
    in.expectEnd();
    return new MetadataImage(configs, nextProducerId, featureLevel);
  }

  private static void write(MetadataCommand command, CompactOutput out) throws IOException {
    switch (command) {
      case SetConfigs(List<ConfigChange> changes) -> {
        out.writeByte(SET_CONFIGS);
        out.writeUnsigned(changes.size());
        for (ConfigChange change : changes) {
          writeTarget(change.target(), out);
          out.writeBoolean(change.replace());
          writeMap(change.set(), out);
          out.writeUnsigned(change.delete().size());
          for (String key : change.delete()) {
            out.writeString(key);
          }
        }
      }
      case DeleteTopicConfigs(List<UUID> ids) -> {
        out.writeByte(DELETE_TOPIC_CONFIGS);
        out.writeUnsigned(ids.size());
        for (UUID id : ids) {
          out.writeUuid(id);
        }
      }
      case AllocateProducerIds(int brokerId, int count) -> {
        out.writeByte(ALLOCATE_PRODUCER_IDS);
        out.writeUnsigned(brokerId);
        out.writeSigned(count);
      }
      case SetFeatureLevel(int level) -> {
        if (level > FeatureLevels.KNOWN) {
          throw new IllegalArgumentException("feature level " + level + " is not known here");
        }
        out.writeByte(SET_FEATURE_LEVEL);
        out.writeSigned(level);
      }
    }
  }

  private static MetadataCommand read(int kind, CompactInput in) throws IOException {
    return switch (kind) {
      case SET_CONFIGS -> {
        int count = in.readCount();
        List<ConfigChange> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          changes.add(
              new ConfigChange(readTarget(in), in.readBoolean(), readMap(in), readKeys(in)));
        }
        yield new SetConfigs(changes);
      }
      case DELETE_TOPIC_CONFIGS -> {
        int count = in.readCount();
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          ids.add(in.readUuid());
        }
        yield new DeleteTopicConfigs(ids);
      }
      case ALLOCATE_PRODUCER_IDS ->
          new AllocateProducerIds(in.readUnsignedInt(), in.readSignedInt());
      case SET_FEATURE_LEVEL -> new SetFeatureLevel(known(in.readSignedInt()));
      default -> throw new UnknownFormatException("a metadata command has kind " + kind);
    };
  }

  /** A node must not go on under rules that it does not know. */
  private static int known(int featureLevel) {
    if (featureLevel > FeatureLevels.KNOWN) {
      throw new UnknownFormatException(
          "the cluster is at feature level "
              + featureLevel
              + ", and this version knows up to "
              + FeatureLevels.KNOWN);
    }
    return featureLevel;
  }

  private static void writeTarget(ConfigTarget target, CompactOutput out) throws IOException {
    switch (target) {
      case ConfigTarget.AllNodes() -> out.writeByte(ALL_NODES);
      case ConfigTarget.Node(int id) -> {
        out.writeByte(NODE);
        out.writeUnsigned(id);
      }
      case ConfigTarget.Topic(UUID id) -> {
        out.writeByte(TOPIC);
        out.writeUuid(id);
      }
      case ConfigTarget.Group(String id) -> {
        out.writeByte(GROUP);
        out.writeString(id);
      }
    }
  }

  private static ConfigTarget readTarget(CompactInput in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case ALL_NODES -> new ConfigTarget.AllNodes();
      case NODE -> new ConfigTarget.Node(in.readUnsignedInt());
      case TOPIC -> new ConfigTarget.Topic(in.readUuid());
      case GROUP -> new ConfigTarget.Group(in.readString());
      default -> throw new UnknownFormatException("a configuration is of kind " + kind);
    };
  }

  private static void writeMap(SortedMap<String, String> map, CompactOutput out)
      throws IOException {
    out.writeUnsigned(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      out.writeString(entry.getKey());
      out.writeString(entry.getValue());
    }
  }

  private static SortedMap<String, String> readMap(CompactInput in) throws IOException {
    int count = in.readCount();
    SortedMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String key = in.readString();
      map.put(key, in.readString());
    }
    return map;
  }

  private static SortedSet<String> readKeys(CompactInput in) throws IOException {
    int count = in.readCount();
    SortedSet<String> keys = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      keys.add(in.readString());
    }
    return keys;
  }
}

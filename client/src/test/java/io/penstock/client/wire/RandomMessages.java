package io.penstock.client.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Random messages of any API and version, drawn from the protocol's own schemas and read by
 * kafka-clients' own reader, so that nothing of the codec under test takes part in making them.
 */
final class RandomMessages {

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  ApiMessage request(ApiKeys api, short version) {
    ApiMessage message = api.messageType.newRequest();
    message.read(encoded(api.messageType.requestSchemas()[version]), version);
    return message;
  }

  ApiMessage response(ApiKeys api, short version) {
    ApiMessage message = api.messageType.newResponse();
    message.read(encoded(api.messageType.responseSchemas()[version]), version);
    return message;
  }

  private ByteBufferAccessor encoded(Schema schema) {
    Struct struct = struct(schema);
    ByteBuffer bytes = ByteBuffer.allocate(struct.sizeOf());
    struct.writeTo(bytes);
    bytes.flip();
    return new ByteBufferAccessor(bytes);
  }

  private Struct struct(Schema schema) {
    Struct struct = new Struct(schema);
    for (BoundField field : schema.fields()) {
      struct.set(field, value(field.def.type));
    }
    return struct;
  }

  private @Nullable Object value(Type type) {
    if (type.isNullable() && random.nextInt(4) == 0) {
      return null;
    }
    if (type instanceof Schema schema) {
      return struct(schema);
    }
    if (type.isArray()) {
      @Nullable Object[] elements = new Object[random.nextInt(4)];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = value(type.arrayElementType().orElseThrow());
      }
      return elements;
    }
    if (type instanceof TaggedFields tagged) {
      return taggedValues(tagged);
    }
    return plainValue(type.toString());
  }

  private NavigableMap<Integer, Object> taggedValues(TaggedFields tagged) {
    NavigableMap<Integer, Object> values = new TreeMap<>();
    for (var entry : tagged.fields().entrySet()) {
      Field field = entry.getValue();
      Object value = random.nextBoolean() ? value(field.type) : null;
      if (value != null) {
        values.put(entry.getKey(), value);
      }
    }
    return values;
  }

  private Object plainValue(String type) {
    return switch (type) {
      case "BOOLEAN" -> random.nextBoolean();
      case "INT8" -> (byte) random.nextInt();
      case "INT16" -> (short) random.nextInt();
      case "UINT16" -> random.nextInt(1 << 16);
      case "INT32" -> random.nextInt();
      case "UINT32" -> random.nextInt() & 0xffffffffL;
      case "INT64" -> random.nextLong();
      case "UUID" -> new Uuid(random.nextLong(), random.nextLong());
      case "FLOAT64" -> random.nextDouble();
      case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" ->
          text(random.nextInt(200));
      case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" ->
          ByteBuffer.wrap(text(random.nextInt(50)).getBytes(StandardCharsets.UTF_8));
      case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
          MemoryRecords.readableRecords(
              ByteBuffer.wrap(text(random.nextInt(300)).getBytes(StandardCharsets.UTF_8)));
      default -> throw new IllegalArgumentException("no random value for a " + type);
    };
  }

  private String text(int length) {
    return random
        .ints(length, 0, 4)
        .collect(StringBuilder::new, (b, i) -> b.append("aé€z".charAt(i)), StringBuilder::append)
        .toString();
  }
}

package io.penstock.client.wire;

import io.penstock.client.wire.MalformedFrameException.Reason;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Messages behind two bytes, as Kafka's coordinators write them: before a key its type, before a
 * value its version. Stateless.
 */
public final class PrefixedMessages {

  private PrefixedMessages() {}

  /** The prefix, then the message as this version writes it. */
  public static byte[] write(short prefix, ApiMessage message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    MessageSizeAccumulator size = new MessageSizeAccumulator();
    message.addSize(size, cache, version);
    ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(Short.BYTES, size.totalSize()));
    bytes.putShort(prefix);
    message.write(new ByteBufferAccessor(bytes), cache, version);
    return bytes.array();
  }

  /** The type of a key, or the version of a value; the buffer stays as it is. */
  public static short prefix(ByteBuffer bytes) throws MalformedFrameException {
    if (bytes.remaining() < Short.BYTES) {
      throw new MalformedFrameException(
          Reason.TRUNCATED, "a message of " + bytes.remaining() + " bytes");
    }
    return bytes.getShort(bytes.position());
  }

  /** Reads what is behind the prefix; the buffer stays as it is. */
  public static <T extends ApiMessage> T read(ByteBuffer bytes, T into, short version)
      throws MalformedFrameException {
    if (version < into.lowestSupportedVersion() || version > into.highestSupportedVersion()) {
      throw new MalformedFrameException(
          Reason.UNSUPPORTED_VERSION,
          into.getClass().getSimpleName() + " has no version " + version);
    }
    ByteBuffer body = bytes.duplicate();
    body.position(body.position() + Short.BYTES);
    try {
      into.read(new ByteBufferAccessor(body), version);
    } catch (RuntimeException e) {
      throw new MalformedFrameException(Reason.INVALID_VALUE, String.valueOf(e.getMessage()));
    }
    return into;
  }
}

package io.penstock.replication.metadata.codec;

import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataResult.Done;
import io.penstock.replication.metadata.MetadataResult.ProducerIdBlock;
import io.penstock.replication.metadata.MetadataResult.Refused;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.ControlError;
import io.penstock.replication.value.ControlErrorCodec;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Results of {@code metadata} commands on their way from the leader to the node that asked: one
 * byte of version, one of kind, the fields in order. They are never stored.
 */
public final class MetadataResultCodec {

  static final int VERSION = 1;

  private static final int DONE = 1;
  private static final int PRODUCER_IDS = 2;
  private static final int REFUSED = 3;

  private MetadataResultCodec() {}

  public static byte[] encode(MetadataResult result) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CompactOutput out = new CompactOutput(bytes);
      out.writeByte(VERSION);
      switch (result) {
        case Done() -> out.writeByte(DONE);
        case ProducerIdBlock(long first, int count) -> {
          out.writeByte(PRODUCER_IDS);
          out.writeUnsigned(first);
          out.writeUnsigned(count);
        }
        case Refused(ControlError error, String message) -> {
          out.writeByte(REFUSED);
          ControlErrorCodec.write(error, out);
          out.writeString(message);
        }
      }
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
  public static MetadataResult decode(byte[] bytes) {
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int version = in.readByte();
      if (version != VERSION) {
        throw new UnknownFormatException("a metadata result has version " + version);
      }
      int kind = in.readByte();
      MetadataResult result =
          switch (kind) {
            case DONE -> new Done();
            case PRODUCER_IDS -> new ProducerIdBlock(in.readUnsigned(), in.readUnsignedInt());
            case REFUSED -> new Refused(ControlErrorCodec.read(in), in.readString());
            default -> throw new UnknownFormatException("a metadata result has kind " + kind);
          };
      in.expectEnd();
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }
}

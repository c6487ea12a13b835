package io.penstock.replication.observer;

import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A group whose image depends on every command and their order. A command is its number. */
public final class ChainRules implements GroupRules<Long, Integer, Long> {

  /** No replica can read it. */
  public static final int UNKNOWN = -1;

  @Override
  public Long emptyImage() {
    return 0L;
  }

  @Override
  public Applied<Long, ?, Long> apply(Long image, Integer command) {
    long next = image * 31 + command + 1;
    return new Applied<>(next, List.of(), next);
  }

  @Override
  public byte[] encodeCommand(Integer command) {
    return ByteBuffer.allocate(4).putInt(0, command).array();
  }

  @Override
  public Integer decodeCommand(byte[] bytes) {
    if (bytes.length != 4 || ByteBuffer.wrap(bytes).getInt() == UNKNOWN) {
      throw new UnknownFormatException("no command");
    }
    return ByteBuffer.wrap(bytes).getInt();
  }

  @Override
  public byte[] encodeResult(Long result) {
    return ByteBuffer.allocate(8).putLong(0, result).array();
  }

  @Override
  public Long decodeResult(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  @Override
  public void writeImage(Long image, CompactOutput out) throws IOException {
    out.writeSigned(image);
  }

  @Override
  public Long readImage(CompactInput in) throws IOException {
    long image = in.readSigned();
    in.expectEnd();
    return image;
  }
}

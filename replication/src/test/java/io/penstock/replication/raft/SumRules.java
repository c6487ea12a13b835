package io.penstock.replication.raft;

import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Adds up the numbers it is told. */
final class SumRules implements GroupRules<Long, Integer, Long> {
  static final int BREAKS = -1;
  static final int UNKNOWN = -2;
  static final int TOO_LARGE = -3;

  @Override
  public Long emptyImage() {
    return 0L;
  }

  @Override
  public Applied<Long, String, Long> apply(Long image, Integer command) {
    if (command == BREAKS) {
      throw new IllegalStateException("a broken invariant");
    }
    return new Applied<>(image + command, List.of(), image + command);
  }

  @Override
  public byte[] encodeCommand(Integer command) {
    ByteBuffer bytes = ByteBuffer.allocate(command == TOO_LARGE ? 1 << 20 : 4);
    return bytes.putInt(0, command).array();
  }

  @Override
  public Integer decodeCommand(byte[] bytes) {
    int command = ByteBuffer.wrap(bytes).getInt();
    if (command == UNKNOWN) {
      throw new UnknownFormatException("a command of tomorrow");
    }
    return command;
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
    return in.readSigned();
  }
}

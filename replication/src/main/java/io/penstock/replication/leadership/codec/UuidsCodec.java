package io.penstock.replication.leadership.codec;

import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Lists of ids: how many, then each. */
final class UuidsCodec {

  private UuidsCodec() {}

  static void write(List<UUID> ids, CompactOutput out) throws IOException {
    out.writeUnsigned(ids.size());
    for (UUID id : ids) {
      out.writeUuid(id);
    }
  }

  static List<UUID> read(CompactInput in) throws IOException {
    int count = in.readCount();
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(in.readUuid());
    }
    return ids;
  }
}

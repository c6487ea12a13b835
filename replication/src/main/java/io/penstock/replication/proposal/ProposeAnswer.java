package io.penstock.replication.proposal;

import io.penstock.replication.observer.GroupView;
import io.penstock.replication.observer.ViewCodec;
import io.penstock.replication.value.CompactBytes;
import io.penstock.replication.value.UnknownFormatException;

/** What became of a command that was forwarded. */
sealed interface ProposeAnswer {

  int VERSION = 1;

  /** It was agreed on and applied at the leader. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Applied(long index, byte[] result) implements ProposeAnswer {}

  /** This node does not lead and asked nothing of the group. The view may name who does. */
  record NotLeader(GroupView view) implements ProposeAnswer {}

  /** Not now. It may have been taken: ask again, with the same ids. */
  record Retry(String reason) implements ProposeAnswer {}

  /** Never: this is no command, or none that the leader knows. Nothing was asked of the group. */
  record Refused(String reason) implements ProposeAnswer {}

  /** Too much is under way here; nothing was asked of the group. */
  record Busy() implements ProposeAnswer {}

  default byte[] encode() {
    return CompactBytes.write(
        VERSION,
        out -> {
          switch (this) {
            case Applied(long index, byte[] result) -> {
              out.writeByte(0);
              out.writeUnsigned(index);
              out.writeBytes(result);
            }
            case NotLeader(GroupView view) -> {
              out.writeByte(1);
              ViewCodec.writeView(view, out);
            }
            case Retry(String reason) -> {
              out.writeByte(2);
              out.writeString(reason);
            }
            case Refused(String reason) -> {
              out.writeByte(3);
              out.writeString(reason);
            }
            case Busy() -> out.writeByte(4);
          }
        });
  }

  static ProposeAnswer decode(byte[] bytes) {
    return CompactBytes.read(
        VERSION,
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case 0 -> new Applied(in.readUnsigned(), in.readBytes());
            case 1 -> new NotLeader(ViewCodec.readView(in));
            case 2 -> new Retry(in.readString());
            case 3 -> new Refused(in.readString());
            case 4 -> new Busy();
            default -> throw new UnknownFormatException("a proposal is answered with kind " + kind);
          };
        });
  }
}

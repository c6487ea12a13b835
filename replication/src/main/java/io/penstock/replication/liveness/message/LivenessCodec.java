package io.penstock.replication.liveness.message;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.liveness.message.ProbeAnswer.Found;
import io.penstock.replication.liveness.message.ProbeAnswer.Here;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.Position;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;

/**
 * The bytes of the requests and answers of this package: one byte of layout, then the fields in
 * order. Reading throws {@link UnknownFormatException} and nothing else, also where the layout is
 * another: before the first release layouts are free to change.
 */
public final class LivenessCodec {

  private static final int HEARD = 0;
  private static final int NOT_LEADER = 1;
  private static final int NOT_REGISTERED = 2;
  private static final int REGISTERED = 3;
  private static final int REFUSED = 4;
  private static final int RETRY = 5;
  private static final int TAKEN = 6;
  private static final int HERE = 7;
  private static final int FOUND = 8;

  private static final int NODE_ID_IN_USE = 1;
  private static final int INVALID = 2;

  private LivenessCodec() {}

  /** A registration has the form in which it goes into the log. */
  public static byte[] encode(RegisterBroker request) {
    return LeadershipCommandCodec.encode(request);
  }

  public static RegisterBroker decodeRegister(byte[] bytes) {
    LeadershipCommand command = LeadershipCommandCodec.decode(bytes);
    if (command instanceof RegisterBroker register) {
      return register;
    }
    throw new UnknownFormatException("a registration holds " + command.getClass().getSimpleName());
  }

  public static byte[] encode(Heartbeat heartbeat) {
    return Body.write(out -> {
      out.writeUnsigned(heartbeat.brokerId());
      out.writeSigned(heartbeat.brokerEpoch());
      out.writeUuid(heartbeat.directoryId());
      out.writeBoolean(heartbeat.wantsToServe());
      writePosition(heartbeat.applied().leadership(), out);
      writePosition(heartbeat.applied().metadata(), out);
      out.writeUnsigned(heartbeat.contactAgoMs());
    });
  }

  public static Heartbeat decodeHeartbeat(byte[] bytes) {
    return Body.read(
        bytes,
        in ->
            new Heartbeat(
                in.readUnsignedInt(),
                in.readSigned(),
                in.readUuid(),
                in.readBoolean(),
                new AppliedPositions(readPosition(in), readPosition(in)),
                readAgoMs(in)));
  }

  public static byte[] encode(HeartbeatAnswer answer) {
    return Body.write(out -> {
      switch (answer) {
        case HeartbeatAnswer.Heard(boolean fenced, int majorityOverdueMs) -> {
          out.writeByte(HEARD);
          out.writeBoolean(fenced);
          out.writeUnsigned(majorityOverdueMs);
        }
        case HeartbeatAnswer.NotRegistered(String message) -> {
          out.writeByte(NOT_REGISTERED);
          out.writeString(message);
        }
        case HeartbeatAnswer.NotLeader(int leaderId) -> writeNotLeader(leaderId, out);
      }
    });
  }

  public static HeartbeatAnswer decodeHeartbeatAnswer(byte[] bytes) {
    return Body.read(
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case HEARD -> new HeartbeatAnswer.Heard(in.readBoolean(), readAgoMs(in));
            case NOT_REGISTERED -> new HeartbeatAnswer.NotRegistered(in.readString());
            case NOT_LEADER -> new HeartbeatAnswer.NotLeader(in.readSignedInt());
            default -> throw unknown("answer to a heartbeat", kind);
          };
        });
  }

  public static byte[] encode(RegisterAnswer answer) {
    return Body.write(out -> {
      switch (answer) {
        case RegisterAnswer.Registered(long epoch) -> {
          out.writeByte(REGISTERED);
          out.writeSigned(epoch);
        }
        case RegisterAnswer.Refused(RegisterAnswer.Reason reason, String message) -> {
          out.writeByte(REFUSED);
          out.writeByte(
              switch (reason) {
                case NODE_ID_IN_USE -> NODE_ID_IN_USE;
                case INVALID -> INVALID;
              });
          out.writeString(message);
        }
        case RegisterAnswer.Retry(String message) -> {
          out.writeByte(RETRY);
          out.writeString(message);
        }
        case RegisterAnswer.NotLeader(int leaderId) -> writeNotLeader(leaderId, out);
      }
    });
  }

  public static RegisterAnswer decodeRegisterAnswer(byte[] bytes) {
    return Body.read(
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case REGISTERED -> new RegisterAnswer.Registered(in.readSigned());
            case REFUSED -> new RegisterAnswer.Refused(readReason(in), in.readString());
            case RETRY -> new RegisterAnswer.Retry(in.readString());
            case NOT_LEADER -> new RegisterAnswer.NotLeader(in.readSignedInt());
            default -> throw unknown("answer to a registration", kind);
          };
        });
  }

  public static byte[] encode(Suspect suspect) {
    return Body.write(out -> {
      out.writeUnsigned(suspect.brokerId());
      out.writeUuid(suspect.incarnation());
    });
  }

  public static Suspect decodeSuspect(byte[] bytes) {
    return Body.read(bytes, in -> new Suspect(in.readUnsignedInt(), in.readUuid()));
  }

  public static byte[] encode(SuspectAnswer answer) {
    return Body.write(out -> {
      switch (answer) {
        case SuspectAnswer.Taken() -> out.writeByte(TAKEN);
        case SuspectAnswer.NotLeader(int leaderId) -> writeNotLeader(leaderId, out);
      }
    });
  }

  public static SuspectAnswer decodeSuspectAnswer(byte[] bytes) {
    return Body.read(
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case TAKEN -> new SuspectAnswer.Taken();
            case NOT_LEADER -> new SuspectAnswer.NotLeader(in.readSignedInt());
            default -> throw unknown("answer to a suspicion", kind);
          };
        });
  }

  public static byte[] encode(Probe probe) {
    return Body.write(out -> {
      Probe.Target target = probe.target();
      out.writeBoolean(target != null);
      if (target != null) {
        out.writeUnsigned(target.nodeId());
        out.writeUuid(target.incarnation());
        AddressCodec.write(target.address(), out);
      }
    });
  }

  public static Probe decodeProbe(byte[] bytes) {
    return Body.read(
        bytes,
        in ->
            in.readBoolean()
                ? new Probe(
                    new Probe.Target(in.readUnsignedInt(), in.readUuid(), AddressCodec.read(in)))
                : Probe.OF_RECEIVER);
  }

  public static byte[] encode(ProbeAnswer answer) {
    return Body.write(out -> {
      switch (answer) {
        case Here here -> {
          out.writeByte(HERE);
          out.writeUnsigned(here.nodeId());
          out.writeUuid(here.incarnation());
        }
        case Found(ProbeOutcome outcome) -> {
          out.writeByte(FOUND);
          out.writeByte(outcome.number());
        }
      }
    });
  }

  public static ProbeAnswer decodeProbeAnswer(byte[] bytes) {
    return Body.read(
        bytes,
        in -> {
          int kind = in.readByte();
          return switch (kind) {
            case HERE -> new Here(in.readUnsignedInt(), in.readUuid());
            case FOUND -> new Found(readOutcome(in));
            default -> throw unknown("answer to a probe", kind);
          };
        });
  }

  private static int readAgoMs(CompactInput in) throws IOException {
    int ms = in.readUnsignedInt();
    if (ms > Heartbeat.AGO_MS_MAX) {
      throw new UnknownFormatException("something was heard " + ms + " ms ago");
    }
    return ms;
  }

  private static void writeNotLeader(int leaderId, CompactOutput out) throws IOException {
    out.writeByte(NOT_LEADER);
    out.writeSigned(leaderId);
  }

  private static RegisterAnswer.Reason readReason(CompactInput in) throws IOException {
    int number = in.readByte();
    return switch (number) {
      case NODE_ID_IN_USE -> RegisterAnswer.Reason.NODE_ID_IN_USE;
      case INVALID -> RegisterAnswer.Reason.INVALID;
      default -> throw unknown("reason", number);
    };
  }

  private static ProbeOutcome readOutcome(CompactInput in) throws IOException {
    int number = in.readByte();
    ProbeOutcome outcome = ProbeOutcome.ofNumber(number);
    if (outcome == null) {
      throw unknown("outcome of a probe", number);
    }
    return outcome;
  }

  private static void writePosition(Position position, CompactOutput out) throws IOException {
    out.writeUnsigned(position.term());
    out.writeSigned(position.index());
  }

  private static Position readPosition(CompactInput in) throws IOException {
    return new Position(in.readUnsigned(), in.readSigned());
  }

  private static UnknownFormatException unknown(String what, int number) {
    return new UnknownFormatException("no " + what + " has number " + number);
  }
}

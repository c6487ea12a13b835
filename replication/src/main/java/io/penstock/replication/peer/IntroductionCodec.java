package io.penstock.replication.peer;

import io.penstock.replication.peer.Introduction.Member;
import io.penstock.replication.peer.Introduction.NamedVoter;
import io.penstock.replication.peer.Introduction.Plan;
import io.penstock.replication.value.Address;
import io.penstock.replication.value.AddressCodec;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.UnknownFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link Introduction}: one of version, then the fields in order. They come from
 * whoever connects, so every length has a bound of its own.
 */
public final class IntroductionCodec {

  static final int VERSION = 1;

  /** More than any introduction within the other bounds takes. */
  static final int BYTES_MAX = 64 * 1024;

  private static final int TEXT_LENGTH_MAX = 255;
  private static final int VOTERS_MAX = 100;

  private IntroductionCodec() {}

  public static byte[] encode(Introduction introduction) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try {
      write(introduction, new CompactOutput(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
    return bytes.toByteArray();
  }

  /** Throws {@link UnknownFormatException} for whatever is no introduction of this version. */
  public static Introduction decode(byte[] bytes) {
    if (bytes.length > BYTES_MAX) {
      throw new UnknownFormatException("an introduction of " + bytes.length + " bytes");
    }
    CompactInput in = new CompactInput(new ByteArrayInputStream(bytes), bytes.length);
    try {
      int version = in.readByte();
      if (version != VERSION) {
        throw new UnknownFormatException(
            "an introduction of version " + version + "; this node knows " + VERSION);
      }
      Introduction introduction = read(in);
      in.expectEnd();
      return introduction;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen in memory", e);
    }
  }

  private static void write(Introduction introduction, CompactOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeString(introduction.clusterName());
    writeOptional(introduction.clusterId(), out);
    out.writeUnsigned(introduction.nodeId());
    out.writeUuid(introduction.directoryId());
    out.writeUuid(introduction.incarnation());
    AddressCodec.write(introduction.address(), out);
    out.writeUnsigned(introduction.voters().size());
    for (Member voter : introduction.voters()) {
      out.writeUnsigned(voter.nodeId());
      out.writeUuid(voter.directoryId());
      AddressCodec.write(voter.address(), out);
    }
    out.writeUnsigned(introduction.plan().voters().size());
    for (NamedVoter voter : introduction.plan().voters()) {
      out.writeUnsigned(voter.nodeId());
      AddressCodec.write(voter.address(), out);
    }
    writeOptional(introduction.plan().agreed(), out);
  }

  private static void writeOptional(@Nullable UUID id, CompactOutput out) throws IOException {
    out.writeBoolean(id != null);
    if (id != null) {
      out.writeUuid(id);
    }
  }

  private static @Nullable UUID readOptional(CompactInput in) throws IOException {
    return in.readBoolean() ? in.readUuid() : null;
  }

  private static Introduction read(CompactInput in) throws IOException {
    return new Introduction(
        text(in.readString()),
        readOptional(in),
        in.readUnsignedInt(),
        in.readUuid(),
        in.readUuid(),
        address(in),
        members(in),
        new Plan(named(in), readOptional(in)));
  }

  private static List<Member> members(CompactInput in) throws IOException {
    int count = count(in);
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      members.add(new Member(in.readUnsignedInt(), in.readUuid(), address(in)));
    }
    return members;
  }

  private static List<NamedVoter> named(CompactInput in) throws IOException {
    int count = count(in);
    List<NamedVoter> voters = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      voters.add(new NamedVoter(in.readUnsignedInt(), address(in)));
    }
    return voters;
  }

  private static int count(CompactInput in) throws IOException {
    int count = in.readCount();
    if (count > VOTERS_MAX) {
      throw new UnknownFormatException(count + " voters");
    }
    return count;
  }

  private static Address address(CompactInput in) throws IOException {
    Address address = AddressCodec.read(in);
    text(address.host());
    return address;
  }

  /** It goes into logs and messages, so there may be no more to it than a name. */
  private static String text(String text) {
    if (text.length() > TEXT_LENGTH_MAX || !text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new UnknownFormatException("a name of " + text.length() + " characters is none");
    }
    return text;
  }
}

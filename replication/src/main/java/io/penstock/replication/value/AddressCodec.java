package io.penstock.replication.value;

import java.io.IOException;

/** The stored and sent form of an {@link Address}. */
public final class AddressCodec {

  private static final int PORT_MAX = 65_535;

  private AddressCodec() {}

  public static void write(Address address, CompactOutput out) throws IOException {
    out.writeString(address.host());
    out.writeUnsigned(address.port());
  }

  /** Throws {@link UnknownFormatException} where this is no address. */
  public static Address read(CompactInput in) throws IOException {
    String host = in.readString();
    int port = in.readUnsignedInt();
    if (port > PORT_MAX) {
      throw new UnknownFormatException("port " + port);
    }
    return new Address(host, port);
  }
}

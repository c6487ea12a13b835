package io.penstock.storage.compact;

import io.penstock.storage.batch.MalformedRecordsException;
import java.nio.ByteBuffer;

/** Refuses whatever is compressed. */
final class NoCodec implements BatchCodec {
  @Override
  public void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax)
      throws MalformedRecordsException {
    throw new MalformedRecordsException("codec " + codec + " is not known here");
  }

  @Override
  public void pack(int codec, ByteBuffer records, ScratchBuffer into)
      throws MalformedRecordsException {
    throw new MalformedRecordsException("codec " + codec + " is not known here");
  }
}

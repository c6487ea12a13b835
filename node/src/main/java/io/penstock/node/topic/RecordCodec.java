package io.penstock.node.topic;

import io.penstock.client.wire.MalformedFrameException;
import io.penstock.client.wire.RecordCompression;
import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.compact.BatchCodec;
import io.penstock.storage.compact.ScratchBuffer;
import java.nio.ByteBuffer;

/** Lends storage the codecs of Kafka's clients, so that it can compact compressed batches. */
public final class RecordCodec implements BatchCodec {

  @Override
  public void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax)
      throws MalformedRecordsException {
    try {
      RecordCompression.unpack(codec, packed, bytesMax, into::append);
    } catch (MalformedFrameException unreadable) {
      throw new MalformedRecordsException(String.valueOf(unreadable.getMessage()), unreadable);
    }
  }

  @Override
  public void pack(int codec, ByteBuffer records, ScratchBuffer into)
      throws MalformedRecordsException {
    try {
      RecordCompression.pack(codec, records, into::append);
    } catch (MalformedFrameException failure) {
      throw new MalformedRecordsException(String.valueOf(failure.getMessage()), failure);
    }
  }
}

package io.penstock.storage.compact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.batch.MalformedRecordsException;
import io.penstock.storage.batch.TestBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much memory the records of a compressed batch may take, and for how long. */
class UnpackedRecordsTest {

  @Test
  void aBatchMayUnpackToAsMuchAsTheSettingsSay() throws MalformedRecordsException {
    List<Integer> asked = new ArrayList<>();
    BatchCodec codec =
        new BatchCodec() {
          @Override
          public void unpack(int codec, ByteBuffer packed, ScratchBuffer into, int bytesMax) {
            asked.add(bytesMax);
            into.append(ByteBuffer.allocate(100_000));
          }

          @Override
          public void pack(int codec, ByteBuffer records, ScratchBuffer into) {}
        };
    Throttle throttle = new Throttle(Throttle.UNLIMITED, System::nanoTime);
    CleanerTools tools = new CleanerTools(codec, throttle, 1 << 20, 123_456);
    ByteBuffer batch = TestBatch.ofRecords(1).attributes(1).body((byte) 7).build();

    new UnpackedRecords(tools).of(batch, 0);

    assertEquals(List.of(123_456), asked);
    assertTrue(tools.heldBytes() >= 100_000);
    tools.release();
    assertEquals(0, tools.heldBytes());
  }
}

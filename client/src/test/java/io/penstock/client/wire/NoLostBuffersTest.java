package io.penstock.client.wire;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The check itself: it would be easy for it to see nothing. */
final class NoLostBuffersTest {

  @Test
  void findsABufferThatNobodyReleased() throws Exception {
    assertTrue(PooledByteBufAllocator.DEFAULT.directBuffer(100).isWritable());

    List<String> found = new ArrayList<>();
    await()
        .untilAsserted(() -> {
          found.addAll(NoLostBuffers.collect());
          assertEquals(1, found.size());
        });
  }

  @Test
  void findsNothingWhereAllIsReleased() throws Exception {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(100);
    buffer.release();

    assertEquals(0, NoLostBuffers.collect().size());
  }
}

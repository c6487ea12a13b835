package io.penstock.storage.compact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The hash against the vectors of its authors. */
class KeyHashTest {
  private final KeyHash hash = new KeyHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

  @Test
  void isSipHashOfTwoByFourRoundsWithSixteenBytes() {
    assertEquals("a3817f04ba25a8e66df67214c7550293", hashOfFirst(0));
    assertEquals("da87c1d86b99af44347659119b22fc45", hashOfFirst(1));
  }

  private String hashOfFirst(int length) {
    ByteBuffer input = ByteBuffer.allocateDirect(64);
    for (int i = 0; i < 64; i++) {
      input.put(i, (byte) i);
    }
    hash.of(input, 0, length);
    ByteBuffer out = ByteBuffer.allocate(16);
    out.putLong(Long.reverseBytes(hash.first())).putLong(Long.reverseBytes(hash.second()));
    return HexFormat.of().formatHex(out.array());
  }
}

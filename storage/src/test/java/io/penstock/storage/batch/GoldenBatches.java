package io.penstock.storage.batch;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Batches as the classes of Kafka 4.4.0 wrote them. */
public final class GoldenBatches {
  /** Three records of producer 77 in epoch 2 from sequence 5, leader epoch 9, not compressed. */
  public static final String PLAIN =
      "00000000000000000000004e00000009025f5d00880010000000020000018bcfe56801"
          + "0000018bcfe56805000000000000004d0002000000050000000314000000"
          + "046b310476310010000802010476"
          + "320010000404046b330100";

  /** The same records in gzip. */
  public static final String GZIP =
      "000000000000000000000060000000090262b26c110011000000020000018bcfe56801"
          + "0000018bcfe56805000000000000004d000200000005000000031f8b0800"
          + "0000000000ff1361606060c936"
          + "642933641060e060626429330232585858b28d191900ea0ac0001d000000";

  /** The abort of producer 1000's transaction, by the coordinator of epoch 8, at offset 60. */
  public static final String ABORT_MARKER =
      "000000000000003c000000420000000902cd2fd7c30030000000000000018bcfe56b09"
          + "0000018bcfe56b0900000000000003e80003ffffffff0000000120000000"
          + "08000000000c00000000000800";

  private GoldenBatches() {}

  public static ByteBuffer buffer(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}

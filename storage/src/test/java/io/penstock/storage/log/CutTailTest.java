package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What recovery makes of bytes that are no good batch. */
class CutTailTest {
  private static final int ONE = batch(1).remaining();
  private static final Path PATH = Path.of("/data/a.log");

  private FakeDisk disk;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    disk.createDirectories(Path.of("/data"));
  }

  @Test
  void aLastBatchThatIsDamagedOrCutOffIsATornTail() throws StorageException {
    write(batch(1), 0);
    disk.flipByte(PATH, 30);

    assertEquals(CutTail.TORN, tailOf(ONE));
    assertEquals(CutTail.TORN, tailOf(ONE - 1));
    assertEquals(CutTail.TORN, tailOf(20));
  }

  @Test
  void zerosAreATornTail() throws StorageException {
    write(ByteBuffer.allocateDirect(500), 0);

    assertEquals(CutTail.TORN, tailOf(500));
  }

  @Test
  void aBatchWithAGoodOneBehindItIsDamaged() throws StorageException {
    write(batch(1), 0);
    write(batch(1), ONE);
    disk.flipByte(PATH, 30);

    assertEquals(CutTail.DAMAGED, tailOf(2 * ONE));
    assertEquals(CutTail.TORN, tailOf(2 * ONE - 1));
  }

  @Test
  void recognizesAGoodBatchThatIsLargerThanWhatIsReadAtOnce() throws StorageException {
    ByteBuffer large = TestBatch.ofRecords(1).body(new byte[9 << 20]).build();
    write(batch(1), 0);
    write(large.duplicate(), ONE);
    disk.flipByte(PATH, 30);

    assertEquals(CutTail.DAMAGED, tailOf(ONE + large.remaining()));
    disk.flipByte(PATH, ONE + large.remaining() - 1);
    assertEquals(CutTail.TORN, tailOf(ONE + large.remaining()));
  }

  @Test
  void recognizesAMessageOfFormatOne() throws StorageException {
    write(oldMessage(), 0);

    assertEquals(CutTail.OLD_FORMAT, tailOf(oldMessage().remaining()));
  }

  /** Offset 0, no key, a value of three bytes. */
  static ByteBuffer oldMessage() {
    ByteBuffer message = ByteBuffer.allocateDirect(37);
    message.putLong(0).putInt(25).putInt(0).put((byte) 1).put((byte) 0).putLong(1_000);
    message.putInt(-1).putInt(3).put(new byte[] {7, 8, 9}).flip();
    CRC32 crc = new CRC32();
    crc.update(message.slice(16, 21));
    return message.putInt(12, (int) crc.getValue());
  }

  private CutTail tailOf(int fileBytes) throws StorageException {
    try (DiskFile file = disk.open(PATH, OpenMode.READ);
        RecoveryScanner scanner = new RecoveryScanner()) {
      return CutTail.of(scanner, file, 0, fileBytes);
    }
  }

  private void write(ByteBuffer bytes, long position) throws StorageException {
    try (DiskFile file = disk.open(PATH, OpenMode.CREATE)) {
      file.write(new ByteBuffer[] {bytes}, 1, position);
    }
  }
}

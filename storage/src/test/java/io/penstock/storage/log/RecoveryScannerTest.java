package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** How much memory the scan of a log takes, and for how long. */
class RecoveryScannerTest {
  private static final int MIB = 1 << 20;

  private final FakeDisk disk = new FakeDisk(1);

  private void read(RecoveryScanner scanner, int fileBytes) throws StorageException {
    try (DiskFile file = disk.open(Path.of("/" + fileBytes + ".log"), OpenMode.CREATE)) {
      file.write(new ByteBuffer[] {ByteBuffer.allocate(1)}, 1, fileBytes - 1);
      scanner.forget();
      assertEquals(10, scanner.read(file, 0, 10, fileBytes).remaining());
    }
  }

  @Test
  void takesNoMoreThanThereIsToReadAndNoMoreThanAWindow() throws StorageException {
    try (RecoveryScanner scanner = new RecoveryScanner()) {
      assertEquals(0, scanner.heldBytes());
      read(scanner, 100_000);
      assertEquals(100_000, scanner.heldBytes());
      read(scanner, 3 * MIB);
      assertEquals(3 * MIB, scanner.heldBytes());
      read(scanner, 9 * MIB);
      assertEquals(4 * MIB, scanner.heldBytes());
      read(scanner, 20);
      assertEquals(4 * MIB, scanner.heldBytes());
    }
  }

  @Test
  void givesItsMemoryBackWhenItIsClosed() throws StorageException {
    RecoveryScanner scanner = new RecoveryScanner();
    read(scanner, 100_000);

    scanner.close();

    assertEquals(0, scanner.heldBytes());
  }
}

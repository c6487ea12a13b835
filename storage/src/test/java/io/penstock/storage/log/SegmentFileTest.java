package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import org.junit.jupiter.api.Test;

/** When the file of a segment is open. */
class SegmentFileTest {

  @Test
  void isNotOpenedAgainOnceItsNameMayBeAnotherSegments() throws StorageException {
    FakeDisk disk = new FakeDisk(1);
    LogFixture fixture = new LogFixture(disk);
    SegmentFile file = new SegmentFile(fixture.services(), fixture.directory.resolve("0.log"));
    file.adopt(disk.open(fixture.directory.resolve("0.log"), OpenMode.CREATE));

    file.retire();

    SharedFile open = file.acquire();
    file.letGo();
    assertEquals(0, open.file().size());
    open.release();
    assertThrows(StorageException.class, file::acquire);
  }
}

package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.StorageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many records a slice says it has. */
class SliceRecordsTest {
  private static final int FIVE = batch(5).remaining();

  private PartitionLog log;

  @BeforeEach
  void setUp() throws StorageException {
    LogFixture fixture = new LogFixture(new FakeDisk(1));
    log = fixture.create(settings(4 * FIVE));
    for (int i = 0; i < 10; i++) {
      fixture.append(log, batch(5));
    }
  }

  private long records(long offset, int maxBytes, long limit) throws StorageException {
    LogSlice slice =
        assertInstanceOf(ReadOutcome.Slice.class, log.read(offset, maxBytes, limit, true)).slice();
    slice.release();
    return slice.records();
  }

  @Test
  void readToTheEndOfASegmentOrOfTheLogIsCountedExactly() throws StorageException {
    assertEquals(20, records(0, 1 << 20, 50));
    assertEquals(15, records(25, 1 << 20, 50));
    assertEquals(10, records(40, 1 << 20, 50));
    assertEquals(3, records(47, 1 << 20, 50));
  }

  @Test
  void readToTheWatermarkIsCountedExactly() throws StorageException {
    assertEquals(10, records(20, 1 << 20, 30));
  }

  @Test
  void readThatIsCutIsCountedByItsShareOfTheBytes() throws StorageException {
    assertEquals(10, records(20, 2 * FIVE, 50));
    assertEquals(5, records(20, 1, 50));
  }
}

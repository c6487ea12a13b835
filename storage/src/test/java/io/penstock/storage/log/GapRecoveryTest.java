package io.penstock.storage.log;

import static io.penstock.storage.log.LogFixture.batch;
import static io.penstock.storage.log.LogFixture.offsets;
import static io.penstock.storage.log.LogFixture.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.penstock.storage.batch.TestBatch;
import io.penstock.storage.io.DiskFile;
import io.penstock.storage.io.FakeDisk;
import io.penstock.storage.io.FakeDisk.Tearing;
import io.penstock.storage.io.OpenMode;
import io.penstock.storage.io.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What recovery makes of the gaps that compaction leaves, at the end of a log. */
class GapRecoveryTest {
  private static final int ONE = batch(1).remaining();

  /** Of a log that is known to have gaps, though its settings are not known yet. */
  private static final LogOffsets WITH_GAPS = new LogOffsets(0, 0, 0, 0);

  private FakeDisk disk;
  private LogFixture fixture;

  @BeforeEach
  void setUp() throws StorageException {
    disk = new FakeDisk(1);
    fixture = new LogFixture(disk);
  }

  @Test
  void keepsTheLastBatchBehindAGapWhereNothingFollows() throws StorageException {
    append(compacted(), 0, 1, 5);

    assertEquals(List.of(0L, 1L, 5L), offsets(crashAndReopen(WITH_GAPS)));
  }

  @Test
  void keepsTheLastBatchBehindAGapWhereATornOneFollows() throws StorageException {
    append(compacted(), 0, 1, 5, 6);
    // The offset of the last batch, in a sector of its own, was not written.
    write(3L * ONE, new byte[8]);

    assertEquals(List.of(0L, 1L, 5L), offsets(crashAndReopen(WITH_GAPS)));
  }

  @Test
  void keepsTheFirstBatchBehindAGapBetweenSegments() throws StorageException {
    PartitionLog log = compacted();
    append(log, 0, 1, 2, 3, 9);
    assertEquals(2, log.segmentCount());

    assertEquals(List.of(0L, 1L, 2L, 3L, 9L), offsets(crashAndReopen(WITH_GAPS)));
  }

  @Test
  void believesNoLastBatchBehindAGapThatTheNextOneContradicts() throws StorageException {
    append(compacted(), 0, 1, 2, 3);
    disk.flipByte(fixture.directory.resolve("00000000000000000000.log"), 2L * ONE + 7);

    assertEquals(List.of(0L, 1L), offsets(crashAndReopen(WITH_GAPS)));
  }

  @Test
  void seesToItThatGapsAreKnownWhateverTheSettings() throws StorageException {
    PartitionLog log = fixture.create(settings(1 << 20));
    List<Long> noted = new ArrayList<>();
    log.gapNotes(_ -> noted.add(log.cleanedTo()));
    append(log, 0);
    assertEquals(-1, log.cleanedTo());
    for (long behindGap : new long[] {4, 9}) {
      log.appendAsFollower(TestBatch.ofRecords(1).at(behindGap, 0).build(), 0);
      append(log, behindGap); // it comes again, and is believed
    }

    assertEquals(0, log.cleanedTo());
    assertEquals(List.of(0L), noted, "once, when the log says it itself");
  }

  @Test
  void acknowledgesNothingBehindTheFirstGapBeforeARecoveryWouldFindIt() throws StorageException {
    PartitionLog log = compacted();
    List<Runnable> asked = new ArrayList<>();
    log.gapNotes(asked::add);
    AtomicInteger told = new AtomicInteger();
    log.whenAckable(told::incrementAndGet);
    append(log, 0);
    assertEquals(1, log.ackableEndOffset());

    append(log, 4, 5);
    fixture.work.runAll();
    log.flush();
    assertEquals(1, log.ackableEndOffset(), "that it is on the disk does not help");
    asked.getFirst().run();

    assertEquals(6, log.ackableEndOffset());
    assertEquals(1, told.get());
    append(log, 9);
    assertEquals(10, log.ackableEndOffset(), "once it is known, no gap waits");
  }

  @Test
  void asksForNoFsyncThatWouldReleaseNothing() throws StorageException {
    PartitionLog log = compacted();
    log.gapNotes(_ -> {});

    append(log, 0, 4, 5);
    log.flushIfDue(fixture.nowMs.get());
    log.flushWhatIsHeld();

    assertEquals(0, fixture.work.syncs());
  }

  @Test
  void flushesForAcksMeanwhileWhereTheTopicAsksForIt() throws StorageException {
    PartitionLog log =
        fixture.create(
            LogSettingsBuilder.from(settings(4 * ONE))
                .compactPolicy(true)
                .flushMessages(1)
                .build());
    List<Runnable> asked = new ArrayList<>();
    log.gapNotes(asked::add);
    append(log, 0, 4);

    fixture.work.runSyncing();
    assertEquals(0, log.ackableEndOffset());
    asked.getFirst().run();

    assertEquals(5, log.ackableEndOffset());
  }

  private PartitionLog compacted() throws StorageException {
    return fixture.create(LogSettingsBuilder.from(settings(4 * ONE)).compactPolicy(true).build());
  }

  private static void append(PartitionLog log, long... offsets) throws StorageException {
    for (long offset : offsets) {
      ByteBuffer batch = TestBatch.ofRecords(1).at(offset, 0).build();
      assertInstanceOf(AppendOutcome.Appended.class, log.appendAsFollower(batch, 0));
    }
  }

  private PartitionLog crashAndReopen(LogOffsets checkpointed) throws StorageException {
    disk.crash(Tearing.KEEP_ALL);
    fixture.work.forget();
    return fixture.reopen(settings(4 * ONE), checkpointed, false);
  }

  private void write(long position, byte[] bytes) throws StorageException {
    try (DiskFile file =
        disk.open(fixture.directory.resolve("00000000000000000000.log"), OpenMode.CREATE)) {
      ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      file.write(new ByteBuffer[] {direct}, 1, position);
    }
  }
}

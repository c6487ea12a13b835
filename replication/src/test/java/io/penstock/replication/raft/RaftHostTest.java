package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.ControlUnavailableException;
import io.penstock.replication.value.GroupRules;
import io.penstock.replication.value.UnknownFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host of a group that only adds numbers, with real Ratis. */
@Timeout(120)
class RaftHostTest {

  @TempDir Path root;

  private final List<String> halts = new CopyOnWriteArrayList<>();
  private final List<RaftHost> opened = new ArrayList<>();

  @AfterEach
  void closeAll() {
    opened.forEach(RaftHost::close);
  }

  @Test
  void haltsWhereARuleBreaksInsteadOfGoingOnWithAnotherState() throws Exception {
    ControlGroup<Long, Integer, Long> group = start();
    assertEquals(5L, ask(group, 5));

    CompletableFuture<Long> broken = group.propose(Sum.BREAKS).toCompletableFuture();

    Awaitility.await()
        .untilAsserted(
            () -> assertTrue(halts.toString().contains("cannot apply entry"), halts.toString()));
    assertEquals(5L, group.image());
    assertThrows(ExecutionException.class, () -> broken.get(60, TimeUnit.SECONDS));
  }

  @Test
  void haltsOnACommandOfANewerVersion() throws Exception {
    ControlGroup<Long, Integer, Long> group = start();

    var _ = group.propose(Sum.UNKNOWN);

    Awaitility.await()
        .untilAsserted(
            () -> assertTrue(halts.toString().contains("UnknownFormat"), halts.toString()));
  }

  @Test
  void appliesManyProposalsInFlightOnceEach() throws Exception {
    ControlGroup<Long, Integer, Long> group = start();
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(group.propose(1).toCompletableFuture());
    }

    for (CompletableFuture<Long> answer : answers) {
      answer.get(60, TimeUnit.SECONDS);
    }

    assertEquals(1_000L, group.image());
    assertEquals(List.of(), halts);
  }

  @Test
  void refusesWhatDoesNotFitAnEntryWithoutAsking() throws Exception {
    ControlGroup<Long, Integer, Long> group = start();

    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> ask(group, Sum.TOO_LARGE));

    assertInstanceOf(CommandTooLargeException.class, refused.getCause());
    assertEquals(1L, ask(group, 1));
  }

  @Test
  void answersThatItIsNotThereBeforeTheStartAndAfterTheEnd() throws Exception {
    RaftHost host = newHost();
    ControlGroup<Long, Integer, Long> group = host.addGroup("sum", new Sum(), _ -> {});
    ExecutionException early = assertThrows(ExecutionException.class, () -> ask(group, 1));
    host.start();
    host.close();

    ExecutionException late = assertThrows(ExecutionException.class, () -> ask(group, 1));

    assertInstanceOf(ControlUnavailableException.class, early.getCause());
    assertInstanceOf(ControlUnavailableException.class, late.getCause());
    assertEquals(List.of(), halts);
  }

  private ControlGroup<Long, Integer, Long> start() throws IOException {
    RaftHost host = newHost();
    ControlGroup<Long, Integer, Long> group = host.addGroup("sum", new Sum(), _ -> {});
    host.start();
    return group;
  }

  private RaftHost newHost() {
    RaftHost host =
        new RaftHost(
            new RaftSettings(
                1,
                root.resolve("raft"),
                new UUID(1, 2),
                null,
                RaftSettings.single(1, root, new UUID(1, 2), null).voters(),
                2_000),
            new MetricRegistry(),
            (reason, cause) -> halts.add(reason + ": " + cause));
    opened.add(host);
    return host;
  }

  private static Long ask(ControlGroup<Long, Integer, Long> group, int number) throws Exception {
    return group.propose(number).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** Adds up the numbers it is told. */
  private static final class Sum implements GroupRules<Long, Integer, Long> {
    static final int BREAKS = -1;
    static final int UNKNOWN = -2;
    static final int TOO_LARGE = -3;

    @Override
    public Long emptyImage() {
      return 0L;
    }

    @Override
    public Applied<Long, String, Long> apply(Long image, Integer command) {
      if (command == BREAKS) {
        throw new IllegalStateException("a broken invariant");
      }
      return new Applied<>(image + command, List.of(), image + command);
    }

    @Override
    public byte[] encodeCommand(Integer command) {
      ByteBuffer bytes = ByteBuffer.allocate(command == TOO_LARGE ? 1 << 20 : 4);
      return bytes.putInt(0, command).array();
    }

    @Override
    public Integer decodeCommand(byte[] bytes) {
      int command = ByteBuffer.wrap(bytes).getInt();
      if (command == UNKNOWN) {
        throw new UnknownFormatException("a command of tomorrow");
      }
      return command;
    }

    @Override
    public byte[] encodeResult(Long result) {
      return ByteBuffer.allocate(8).putLong(0, result).array();
    }

    @Override
    public Long decodeResult(byte[] bytes) {
      return ByteBuffer.wrap(bytes).getLong();
    }

    @Override
    public void writeImage(Long image, CompactOutput out) throws IOException {
      out.writeSigned(image);
    }

    @Override
    public Long readImage(CompactInput in) throws IOException {
      return in.readSigned();
    }
  }
}

package io.penstock.replication.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.codahale.metrics.MetricRegistry;
import io.penstock.replication.value.CommandTooLargeException;
import io.penstock.replication.value.ControlUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host of a group that only adds numbers, with real Ratis. */
@Timeout(120)
class RaftHostTest {

  private static final UUID PROPOSER = UUID.randomUUID();
  private static final AtomicLong CALLS = new AtomicLong();

  @TempDir Path root;

  private final List<String> halts = new CopyOnWriteArrayList<>();
  private final List<RaftHost> opened = new ArrayList<>();

  @AfterEach
  void closeAll() {
    opened.forEach(RaftHost::close);
  }

  @Test
  void haltsWhereARuleBreaksInsteadOfGoingOnWithAnotherState() throws Exception {
    HostedGroup<Long, Integer, Long> group = start();
    assertEquals(5L, ask(group, 5));

    CompletableFuture<Submission<Long>> broken = submit(group, SumRules.BREAKS);

    Awaitility.await()
        .untilAsserted(
            () -> assertTrue(halts.toString().contains("cannot apply entry"), halts.toString()));
    assertEquals(5L, group.image());
    assertFalse(broken.get(60, TimeUnit.SECONDS) instanceof Submission.Applied);
  }

  @Test
  void haltsOnACommandOfANewerVersion() throws Exception {
    HostedGroup<Long, Integer, Long> group = start();

    var _ = submit(group, SumRules.UNKNOWN);

    Awaitility.await()
        .untilAsserted(
            () -> assertTrue(halts.toString().contains("UnknownFormat"), halts.toString()));
  }

  @Test
  void appliesManyProposalsInFlightOnceEach() throws Exception {
    HostedGroup<Long, Integer, Long> group = start();
    List<CompletableFuture<Submission<Long>>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(submit(group, 1));
    }

    for (CompletableFuture<Submission<Long>> answer : answers) {
      answer.get(60, TimeUnit.SECONDS);
    }

    assertEquals(1_000L, group.image());
    assertEquals(List.of(), halts);
  }

  @Test
  void refusesWhatDoesNotFitAnEntryWithoutAsking() throws Exception {
    HostedGroup<Long, Integer, Long> group = start();

    ExecutionException refused =
        assertThrows(ExecutionException.class, () -> ask(group, SumRules.TOO_LARGE));

    assertInstanceOf(CommandTooLargeException.class, refused.getCause());
    assertEquals(1L, ask(group, 1));
  }

  @Test
  void answersThatItIsNotThereBeforeTheStartAndAfterTheEnd() throws Exception {
    RaftHost host = newHost();
    HostedGroup<Long, Integer, Long> group = host.addGroup("sum", new SumRules(), (_, _) -> {});
    ExecutionException early = assertThrows(ExecutionException.class, () -> ask(group, 1));
    host.start();
    host.close();

    ExecutionException late = assertThrows(ExecutionException.class, () -> ask(group, 1));

    assertInstanceOf(ControlUnavailableException.class, early.getCause());
    assertInstanceOf(ControlUnavailableException.class, late.getCause());
    assertEquals(List.of(), halts);
  }

  private HostedGroup<Long, Integer, Long> start() throws IOException {
    RaftHost host = newHost();
    HostedGroup<Long, Integer, Long> group = host.addGroup("sum", new SumRules(), (_, _) -> {});
    host.start();
    return group;
  }

  private RaftHost newHost() {
    RaftHost host =
        new RaftHost(
            RaftSettings.single(1, root.resolve("raft"), new UUID(1, 2), null),
            (_, _, _, _) -> CompletableFuture.failedFuture(new AssertionError("nobody is there")),
            new MetricRegistry(),
            (reason, cause) -> halts.add(reason + ": " + cause));
    opened.add(host);
    return host;
  }

  private static Long ask(HostedGroup<Long, Integer, Long> group, int number) throws Exception {
    Submission<Long> outcome = submit(group, number).get(60, TimeUnit.SECONDS);
    return outcome instanceof Submission.Applied<Long>(_, Long sum) ? sum : fail("" + outcome);
  }

  private static CompletableFuture<Submission<Long>> submit(
      HostedGroup<Long, Integer, Long> group, int number) {
    byte[] command = new SumRules().encodeCommand(number);
    return group.submit(PROPOSER, CALLS.incrementAndGet(), command).toCompletableFuture();
  }
}

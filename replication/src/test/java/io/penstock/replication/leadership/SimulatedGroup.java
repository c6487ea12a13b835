package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.leadership.codec.LeadershipImageCodec;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a Raft group of the rules does, without Raft: one log, of which a new leader keeps the
 * committed part and some of the rest, and replicas that apply it at their own pace, restart from
 * their snapshots, or install another's. All must come to the same image at the same index.
 */
final class SimulatedGroup {

  /** Sees every command once, when the first replica applies it. */
  interface Observer {
    void applied(
        int index,
        LeadershipCommand command,
        LeadershipImage before,
        Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied);
  }

  private static final class Replica {
    private LeadershipImage image = LeadershipImage.EMPTY;
    private int applied;
    private byte[] snapshot = bytes(LeadershipImage.EMPTY);
    private int snapshotAt;
  }

  private final Random random;
  private final Observer observer;
  private final List<byte[]> log = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();

  /** By index: what the first replica that came so far had computed. */
  private final List<LeadershipImage> images = new ArrayList<>(List.of(LeadershipImage.EMPTY));

  private final List<LeadershipResult> results = new ArrayList<>();
  private int committed;
  private int leader;

  SimulatedGroup(Random random, int size, Observer observer) {
    this.random = random;
    this.observer = observer;
    for (int i = 0; i < size; i++) {
      replicas.add(new Replica());
    }
  }

  /** The index of the last entry that any replica has applied. */
  int lastApplied() {
    return images.size() - 1;
  }

  LeadershipImage imageAt(int index) {
    return images.get(index);
  }

  LeadershipImage newestImage() {
    return images.getLast();
  }

  /** What the group's leader has applied: it may be behind others. */
  LeadershipImage imageOfLeader() {
    return replicas.get(leader).image;
  }

  void append(LeadershipCommand command) {
    byte[] bytes = LeadershipCommandCodec.encode(command);
    assertEquals(command, LeadershipCommandCodec.decode(bytes));
    log.add(bytes);
  }

  void commit() {
    committed += random.nextInt(log.size() - committed + 1);
  }

  /** Any replica may win: here all have what was committed. Returns how many entries are lost. */
  int changeLeader() {
    int kept = committed + random.nextInt(log.size() - committed + 1);
    int lost = log.size() - kept;
    log.subList(kept, log.size()).clear();
    leader = random.nextInt(replicas.size());
    return lost;
  }

  void applySome() {
    Replica replica =
        replicas.get(random.nextInt(3) == 0 ? leader : random.nextInt(replicas.size()));
    int until = Math.min(committed, replica.applied + 1 + random.nextInt(6));
    while (replica.applied < until) {
      applyNext(replica);
    }
  }

  void takeSnapshot() {
    Replica replica = replicas.get(random.nextInt(replicas.size()));
    replica.snapshot = bytes(replica.image);
    replica.snapshotAt = replica.applied;
  }

  void restart() {
    Replica replica = replicas.get(random.nextInt(replicas.size()));
    replica.image = read(replica.snapshot);
    replica.applied = replica.snapshotAt;
    assertEquals(images.get(replica.applied), replica.image, "restarted from a snapshot");
  }

  void installSnapshot() {
    Replica from = replicas.get(random.nextInt(replicas.size()));
    Replica to = replicas.get(random.nextInt(replicas.size()));
    if (from.snapshotAt > to.applied) {
      to.snapshot = from.snapshot;
      to.snapshotAt = from.snapshotAt;
      to.image = read(from.snapshot);
      to.applied = from.snapshotAt;
    }
  }

  /** Everything that was appended is committed and applied everywhere, down to the same bytes. */
  void settle() {
    committed = log.size();
    for (Replica replica : replicas) {
      while (replica.applied < committed) {
        applyNext(replica);
      }
    }
    byte[] expected = bytes(newestImage());
    for (Replica replica : replicas) {
      assertArrayEquals(expected, bytes(replica.image), "two replicas differ at one index");
    }
    LeadershipImage replayed = LeadershipImage.EMPTY;
    for (byte[] entry : log) {
      replayed = LeadershipRules.apply(replayed, LeadershipCommandCodec.decode(entry)).image();
    }
    assertArrayEquals(expected, bytes(replayed), "the whole log makes another image");
    assertEquals(newestImage(), read(expected));
  }

  private void applyNext(Replica replica) {
    LeadershipImage before = replica.image;
    LeadershipCommand command = LeadershipCommandCodec.decode(log.get(replica.applied));
    Applied<LeadershipImage, LeadershipEvent, LeadershipResult> applied =
        LeadershipRules.apply(before, command);
    replica.image = applied.image();
    replica.applied++;
    if (replica.applied > lastApplied()) {
      images.add(applied.image());
      results.add(applied.result());
      observer.applied(replica.applied, command, before, applied);
      return;
    }
    assertEquals(images.get(replica.applied), applied.image(), "two replicas differ at one index");
    assertEquals(results.get(replica.applied - 1), applied.result());
  }

  private static byte[] bytes(LeadershipImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      LeadershipImageCodec.write(image, new CompactOutput(bytes));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static LeadershipImage read(byte[] bytes) {
    try {
      return LeadershipImageCodec.read(
          new CompactInput(new ByteArrayInputStream(bytes), bytes.length));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}

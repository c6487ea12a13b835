package io.penstock.storage.compact;

import io.penstock.storage.batch.RecordBatch;
import io.penstock.storage.index.AbortedTransaction;
import io.penstock.storage.producer.ControlRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the transactions of a log while its batches are gone through in order, by Kafka's rules:
 * records of aborted transactions go; a marker stays until a cleaning has met no record of its
 * transaction, because a reader needs it to know where the transaction ends. One thread's.
 */
public final class CleanedTransactions {
  private final PriorityQueue<AbortedTransaction> toCome =
      new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
  private final Map<Long, Aborted> aborted = new HashMap<>();
  private final Set<Long> committed = new HashSet<>();
  private final List<AbortedTransaction> kept = new ArrayList<>();

  /** An aborted transaction that was begun. */
  private static final class Aborted {
    private final AbortedTransaction transaction;
    private boolean hasRecords;

    Aborted(AbortedTransaction transaction) {
      this.transaction = transaction;
    }
  }

  /** What the transaction indexes of the segments say. */
  public CleanedTransactions(List<AbortedTransaction> all) {
    toCome.addAll(all);
  }

  /** Whether the records of a batch, which is no control batch, may go whatever their keys are. */
  public boolean isAborted(ByteBuffer batches, int at) {
    beginUpTo(RecordBatch.lastOffset(batches, at));
    if (!RecordBatch.isTransactional(batches, at)) {
      return false;
    }
    long producerId = RecordBatch.producerId(batches, at);
    @Nullable Aborted transaction = aborted.get(producerId);
    if (transaction == null) {
      committed.add(producerId);
      return false;
    }
    transaction.hasRecords = true;
    return true;
  }

  /** Whether a control batch is not needed by any record before it. */
  public boolean isMarkerOfNothing(ByteBuffer batches, int at) {
    beginUpTo(RecordBatch.lastOffset(batches, at));
    if (RecordBatch.recordCount(batches, at) <= 0) {
      return true;
    }
    @Nullable ControlRecord marker = ControlRecord.read(batches, at);
    if (marker == null) {
      return false;
    }
    long producerId = RecordBatch.producerId(batches, at);
    return switch (marker.type()) {
      case ControlRecord.ABORT -> isAbortOfNothing(producerId);
      case ControlRecord.COMMIT -> !committed.remove(producerId);
      default -> false;
    };
  }

  private boolean isAbortOfNothing(long producerId) {
    @Nullable Aborted transaction = aborted.remove(producerId);
    if (transaction == null || !transaction.hasRecords) {
      return true;
    }
    kept.add(transaction.transaction);
    return false;
  }

  /** The transactions whose markers were met and kept since this was last asked. */
  public List<AbortedTransaction> takeKept() {
    List<AbortedTransaction> taken = List.copyOf(kept);
    kept.clear();
    return taken;
  }

  private void beginUpTo(long offset) {
    while (true) {
      AbortedTransaction next = toCome.peek();
      if (next == null || next.firstOffset() > offset) {
        return;
      }
      toCome.remove();
      aborted.put(next.producerId(), new Aborted(next));
    }
  }
}

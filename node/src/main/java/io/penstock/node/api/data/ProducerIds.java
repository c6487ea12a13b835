package io.penstock.node.api.data;

import io.penstock.replication.metadata.MetadataCommand.AllocateProducerIds;
import io.penstock.replication.metadata.MetadataResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out producer ids from blocks that the cluster gave to this node, and asks for the next
 * block before the last one is used up. Nobody blocks: who comes when there are none is called back
 * by the thread that brings the next block. Ids of a block are lost when the node stops; there are
 * enough. Any thread.
 */
public final class ProducerIds {

  /** No producer id: what a taker gets when none can be had at present. */
  static final long NONE = -1;

  private static final Logger LOG = LoggerFactory.getLogger(ProducerIds.class);
  private static final int BLOCK = 1_000;
  private static final int REFILL_BELOW = BLOCK / 10;
  private static final int TAKERS_MAX = 10_000;

  private final int nodeId;
  private final Function<AllocateProducerIds, CompletionStage<MetadataResult>> allocator;
  private final ArrayDeque<LongConsumer> takers = new ArrayDeque<>();
  private final ArrayDeque<MetadataResult.ProducerIdBlock> blocks = new ArrayDeque<>();
  private long next;
  private boolean asking;

  public ProducerIds(
      int nodeId, Function<AllocateProducerIds, CompletionStage<MetadataResult>> allocator) {
    this.nodeId = nodeId;
    this.allocator = allocator;
  }

  /** Gives the taker an id, now or later, or {@link #NONE}. */
  void take(LongConsumer taker) {
    long id = NONE;
    boolean waits = false;
    synchronized (this) {
      if (left() > 0) {
        id = takeNext();
      } else if (takers.size() < TAKERS_MAX) {
        takers.add(taker);
        waits = true;
      }
    }
    if (!waits) {
      taker.accept(id);
    }
    refill();
  }

  /** Asks for a block if few ids are left and no other request for one is under way. */
  public void refill() {
    synchronized (this) {
      if (asking || left() > REFILL_BELOW) {
        return;
      }
      asking = true;
    }
    allocator.apply(new AllocateProducerIds(nodeId, BLOCK)).whenComplete(this::answered);
  }

  private void answered(@Nullable MetadataResult result, @Nullable Throwable failure) {
    List<Runnable> calls = new ArrayList<>();
    boolean more;
    synchronized (this) {
      asking = false;
      if (result instanceof MetadataResult.ProducerIdBlock block) {
        if (blocks.isEmpty()) {
          next = block.first();
        }
        blocks.add(block);
      } else {
        LOG.warn("No producer ids were given: result={}", result, failure);
      }
      while (!takers.isEmpty() && left() > 0) {
        LongConsumer taker = takers.remove();
        long id = takeNext();
        calls.add(() -> taker.accept(id));
      }
      more = !takers.isEmpty() && result instanceof MetadataResult.ProducerIdBlock;
      if (!more) {
        takers.forEach(taker -> calls.add(() -> taker.accept(NONE)));
        takers.clear();
      }
    }
    calls.forEach(Runnable::run);
    if (more) {
      refill();
    }
  }

  private long left() {
    long left = 0;
    for (MetadataResult.ProducerIdBlock block : blocks) {
      left += block.count();
    }
    MetadataResult.ProducerIdBlock first = blocks.peek();
    return first == null ? 0 : left - (next - first.first());
  }

  private long takeNext() {
    long id = next++;
    MetadataResult.ProducerIdBlock first = blocks.element();
    if (next == first.first() + first.count()) {
      blocks.remove();
      MetadataResult.ProducerIdBlock second = blocks.peek();
      next = second == null ? next : second.first();
    }
    return id;
  }
}

package io.penstock.client.wire;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.AssertionFailedError;

/**
 * Fails the test class in which a buffer was lost: collected as garbage without having been
 * released. Registered for every test class of the module ({@code junit-platform.properties}).
 */
public final class NoLostBuffers implements BeforeAllCallback, AfterAllCallback {

  private static final long COLLECTION_MS_MAX = 2_000;
  private static final Queue<String> LOST = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    watch();
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    List<String> lost = collect();
    if (!lost.isEmpty()) {
      throw new AssertionFailedError(
          lost.size() + " buffers were lost, here or in a class before: " + lost);
    }
  }

  static void watch() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ByteBufUtil.setLeakListener((type, records) -> LOST.add(type + records));
  }

  /** What was lost until now, with the traces of where it was used. */
  static List<String> collect() throws InterruptedException {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    WeakReference<Object> probe = new WeakReference<>(new Object(), queue);
    System.gc();
    if (queue.remove(COLLECTION_MS_MAX) != null) { // what was collected has mostly been noted then
      probe.clear();
    }
    for (int i = 0; i < 2; i++) { // Netty reports when the next buffer is made
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    List<String> found = new ArrayList<>();
    for (String one = LOST.poll(); one != null; one = LOST.poll()) {
      found.add(one);
    }
    return found;
  }
}

package io.penstock.replication.value;

import java.util.AbstractList;
import java.util.Collection;
import java.util.RandomAccess;

/**
 * An immutable list in chunks. A changed version copies the chunks that changed and shares the
 * rest, so that one partition of a topic of ten thousand is changed, and found again as the one
 * that differs, at the cost of some hundred. Readers of any thread may hold any version.
 */
public final class PersistentList<V> extends AbstractList<V> implements RandomAccess {

  private static final int CHUNK_BITS = 6;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private final Object[][] chunks;
  private final int size;

  private PersistentList(Object[][] chunks, int size) {
    this.chunks = chunks;
    this.size = size;
  }

  /** The same values; the very list if it is one of these already. */
  @SuppressWarnings("unchecked") // an immutable list of a subtype is a list of the type
  public static <V> PersistentList<V> copyOf(Collection<? extends V> values) {
    if (values instanceof PersistentList<?> same) {
      return (PersistentList<V>) same;
    }
    Object[] all = values.toArray();
    Object[][] chunks = new Object[(all.length + CHUNK - 1) >> CHUNK_BITS][];
    for (int i = 0; i < chunks.length; i++) {
      int from = i << CHUNK_BITS;
      Object[] chunk = new Object[Math.min(CHUNK, all.length - from)];
      System.arraycopy(all, from, chunk, 0, chunk.length);
      chunks[i] = chunk;
    }
    return new PersistentList<>(chunks, all.length);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  @SuppressWarnings("unchecked") // only values of this type were put in
  public V get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return (V) chunks[index >> CHUNK_BITS][index & (CHUNK - 1)];
  }

  /** For several changes at once: chunks are copied when they are first written to. */
  public Editor<V> edit() {
    return new Editor<>(this);
  }

  /** Called for one place whose value is another object; also for places that are new. */
  @FunctionalInterface
  public interface ChangeVisitor<V> {
    void changed(int index, V after);
  }

  /** Visits, in order, the places of this list that {@code before} lacks or has otherwise. */
  @SuppressWarnings("ReferenceEquality") // a chunk that is the same object did not change
  public void forEachChange(PersistentList<V> before, ChangeVisitor<? super V> visitor) {
    for (int i = 0; i < chunks.length; i++) {
      if (i < before.chunks.length && chunks[i] == before.chunks[i]) {
        continue;
      }
      int from = i << CHUNK_BITS;
      for (int index = from; index < from + chunks[i].length; index++) {
        V after = get(index);
        if (index >= before.size || before.get(index) != after) {
          visitor.changed(index, after);
        }
      }
    }
  }

  /** The next version in the making; confined to one thread and used up by {@link #list}. */
  public static final class Editor<V> {
    private final Object[][] before;
    private final Object[][] chunks;
    private final int size;

    private Editor(PersistentList<V> list) {
      this.before = list.chunks;
      this.chunks = list.chunks.clone();
      this.size = list.size;
    }

    @SuppressWarnings("unchecked") // only values of this type were put in
    public V get(int index) {
      return (V) chunks[index >> CHUNK_BITS][index & (CHUNK - 1)];
    }

    @SuppressWarnings("ReferenceEquality") // the same chunk as before is shared, hence not written
    public void set(int index, V value) {
      int chunk = index >> CHUNK_BITS;
      if (chunks[chunk] == before[chunk]) {
        chunks[chunk] = before[chunk].clone();
      }
      chunks[chunk][index & (CHUNK - 1)] = value;
    }

    public PersistentList<V> list() {
      return new PersistentList<>(chunks, size);
    }
  }
}

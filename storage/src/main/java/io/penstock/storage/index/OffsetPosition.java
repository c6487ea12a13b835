package io.penstock.storage.index;

/** An offset and the position in the segment of the batch that it was noted for. */
public record OffsetPosition(long offset, int position) {}

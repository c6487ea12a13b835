package io.penstock.storage.log;

/** Where a walk over headers stopped: the next offset, and the position behind the last batch. */
record HeaderEnd(long offset, int position) {}

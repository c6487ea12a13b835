package io.penstock.storage.index;

/** A timestamp and an offset: no record before that offset has a larger timestamp. */
public record TimeEntry(long timestampMs, long offset) {}

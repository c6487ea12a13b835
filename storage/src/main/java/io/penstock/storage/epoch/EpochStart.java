package io.penstock.storage.epoch;

/** A leader epoch and the offset of the first record that was written in it. */
public record EpochStart(int epoch, long startOffset) {}

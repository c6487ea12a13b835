package io.penstock.storage.compact;

/**
 * What a cleaner's thread brings along.
 *
 * @param mapBytesMax what the keys of one log may take
 */
public record CleanerTools(BatchCodec codec, Throttle throttle, long mapBytesMax) {}

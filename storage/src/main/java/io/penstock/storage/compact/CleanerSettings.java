package io.penstock.storage.compact;

/**
 * How the logs of a node are cleaned.
 *
 * @param threads how many logs are cleaned at a time
 * @param mapBytesMax memory for the keys of all of them
 * @param unpackedBytesMax what one compressed batch may unpack to; a larger one stays whole
 * @param bytesPerSecondMax what they read and write; {@link Throttle#UNLIMITED} for no bound
 * @param checkMs how often logs are looked for that are worth cleaning
 */
public record CleanerSettings(
    int threads, long mapBytesMax, int unpackedBytesMax, long bytesPerSecondMax, long checkMs) {

  public static CleanerSettings defaults() {
    return new CleanerSettings(1, 128L << 20, 32 << 20, Throttle.UNLIMITED, 15_000);
  }
}

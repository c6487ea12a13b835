package io.penstock.node.admin.http;

/**
 * What clients may take of the server.
 *
 * @param connections at a time; where there are as many, the one that has asked nothing for the
 *     longest time gives way
 * @param answers that are made at a time, but for those that take no time, and as many that are on
 *     their way; one whose client is slow gives way to the next
 * @param lineBytes of the first line of a request
 * @param headerBytes of all its headers
 * @param idleMs until a whole request has come
 * @param pieceMs until a piece of an answer has left
 * @param answerMs until all of it has
 * @param lingerMs until the client has closed its side after the last answer
 */
public record HttpLimits(
    int connections,
    int answers,
    int lineBytes,
    int headerBytes,
    long idleMs,
    long pieceMs,
    long answerMs,
    long lingerMs) {

  /** Scrapers ask each 15 or 30 seconds: their connections outlive the time between. */
  public static HttpLimits standard() {
    return new HttpLimits(32, 8, 8 << 10, 8 << 10, 60_000, 10_000, 120_000, 2_000);
  }

  /** After so long a client is slow that has not taken the piece that is there for it. */
  long slowMs() {
    return pieceMs / 10;
  }

  /** How often it is looked whether the time of a connection is over. */
  long lookMs() {
    return Math.max(10, Math.min(Math.min(idleMs, lingerMs), Math.min(pieceMs, answerMs)) / 4);
  }
}

package io.penstock.cluster.control;

/** How much a test does, in CI or at length. */
final class Sizes {
  private static final boolean LONG = Boolean.getBoolean("penstock.cluster.long");

  private Sizes() {}

  /** One of the two, unless the system property of that name says another number. */
  static int of(String property, int inCi, int atLength) {
    return Integer.getInteger(property, LONG ? atLength : inCi);
  }

  static boolean areLong() {
    return LONG;
  }
}

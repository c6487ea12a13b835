package io.penstock.node.net;

/** Says of a failure what fits in one line of the log. Stateless. */
final class Causes {

  private Causes() {}

  /** Where it was thrown: without it, a bug cannot be found from a log without stacks. */
  static String place(Throwable cause) {
    StackTraceElement[] stack = cause.getStackTrace();
    return stack.length == 0 ? "unknown" : stack[0].toString();
  }
}

package io.penstock.cluster.bench;

/** What the programs say to the scripts that run them: lines on standard output. */
final class Output {

  private Output() {}

  @SuppressWarnings("SystemOut") // what a script reads
  static void print(String line) {
    System.out.println(line);
  }
}

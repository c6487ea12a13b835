package io.penstock.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How the program that runs is run once more. */
final class SelfCommand {

  private SelfCommand() {}

  /** By the start script of the distribution; where there is none, by this JVM and class path. */
  static List<String> penstock() {
    Path script = Path.of(System.getProperty("penstock.home", ""), "bin", "penstock");
    if (Files.isExecutable(script)) {
      return List.of(script.toString());
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        NodeMain.class.getName());
  }
}

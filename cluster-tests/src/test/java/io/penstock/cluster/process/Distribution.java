package io.penstock.cluster.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The unpacked distribution that the build of {@code node} left behind. The tests run its start
 * script, so that scripts, flags and the packed class path are tested with the code.
 */
public final class Distribution {
  private Distribution() {}

  /** The command line of {@code bin/penstock} with {@code arguments}. */
  public static List<String> command(String... arguments) {
    Path script = Path.of(System.getProperty("penstock.home", ""), "bin", "penstock");
    if (!Files.isExecutable(script)) {
      throw new IllegalStateException(
          script + " is missing: build the distribution first with `mvn -DskipTests package`");
    }
    List<String> command = new ArrayList<>();
    command.add(script.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** A new empty directory for one test, on the disk of the build. */
  public static Path scratch(String name) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "scratch").toAbsolutePath());
      return Files.createTempDirectory(parent, name + "-");
    } catch (IOException failure) {
      throw new IllegalStateException("cannot make a scratch directory", failure);
    }
  }
}

package io.penstock.cluster.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs one program to its end, with its input from a file or none, and keeps what it printed. */
public record Command(int exitCode, String output) {

  /** Runs {@code command}; output and error are kept together. */
  public static Command run(int secondsMax, String... command) {
    return run(secondsMax, null, command);
  }

  /** Runs {@code command} with {@code input} as its standard input. */
  public static Command run(int secondsMax, @Nullable Path input, String... command) {
    try {
      Path output = Files.createTempFile(Distribution.scratch("command"), "output", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      if (input != null) {
        builder.redirectInput(input.toFile());
      }
      Process process = builder.start();
      if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            List.of(command) + " ran longer than " + secondsMax + " s: " + read(output));
      }
      return new Command(process.exitValue(), read(output));
    } catch (IOException failure) {
      throw new IllegalStateException("cannot run " + List.of(command), failure);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + List.of(command), interrupt);
    }
  }

  /** True where a program of this name is on the path. */
  public static boolean exists(String program) {
    return run(10, "sh", "-c", "command -v " + program).exitCode() == 0;
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}

package io.penstock.replication.leadership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every file under {@code scenarios/leadership}: a line is a command of {@link
 * ScenarioInterpreter}, lines with {@code >} after it are the events and the result that it must
 * print. Run with {@code -Dscenarios.regenerate=true} to write what is printed now, and review the
 * difference.
 */
class ScenarioTest {

  private static final Path FILES = Path.of("src/test/resources/scenarios/leadership");

  @Test
  void everyScenarioPrintsWhatItsFileSays() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(FILES)) {
      files = list.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
    assertTrue(files.size() >= 4, "scenarios in " + FILES.toAbsolutePath());
    for (Path file : files) {
      List<String> expected = Files.readAllLines(file);
      List<String> printed = run(expected);
      if (Boolean.getBoolean("scenarios.regenerate")) {
        Files.write(file, printed);
        continue;
      }
      assertEquals(
          String.join("\n", expected), String.join("\n", printed), file.getFileName().toString());
    }
  }

  private static List<String> run(List<String> lines) {
    ScenarioInterpreter interpreter = new ScenarioInterpreter();
    List<String> printed = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(">")) {
        continue;
      }
      printed.add(line);
      if (!line.isBlank() && !line.startsWith("#")) {
        interpreter.run(line).forEach(output -> printed.add("> " + output));
      }
    }
    return printed;
  }
}

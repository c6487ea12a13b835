package io.penstock.cluster.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A program on the class path of Kafka's tools. Of each line of its input, the name of a class and
 * arguments between tabs, it calls {@code main}, and prints a line of its own when that has ended.
 * To start a virtual machine for each would take far longer than what they do.
 */
public final class ToolShell {
  static final String ENDED = "-- ended: ";

  private ToolShell() {}

  /** Runs until there is no more input. */
  @SuppressWarnings("SystemOut") // a program's output
  public static void main(String[] arguments) throws IOException {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      boolean well = run(List.of(line.split("\t", -1)));
      System.err.flush();
      System.out.println(ENDED + well);
      System.out.flush();
    }
  }

  @SuppressWarnings("SystemOut") // a program's output
  private static boolean run(List<String> words) {
    String[] its = words.subList(1, words.size()).toArray(String[]::new);
    try {
      Class.forName(words.getFirst()).getMethod("main", String[].class).invoke(null, (Object) its);
      return true;
    } catch (InvocationTargetException thrown) {
      System.out.println(thrown.getCause());
      return false;
    } catch (ReflectiveOperationException noSuchTool) {
      System.out.println(noSuchTool);
      return false;
    }
  }
}

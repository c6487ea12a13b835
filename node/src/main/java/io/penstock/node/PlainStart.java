package io.penstock.node;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command line that starts one node in this process and leaves nothing to explain: it is read
 * here, the same as picocli would. Everything else, from {@code --help} to a mistake, is picocli's.
 *
 * <p><i>Why:</i> picocli is compiled for Java 5, whose classes the AOT cache does not take, and
 * builds the options of all commands by reflection; that was a fifth of a start.
 */
sealed interface PlainStart {

  /** Returns only where the start fails, with the exit code. */
  int run();

  /** {@code penstock dev} of one node. */
  record Dev(int port, Path data) implements PlainStart {
    @Override
    public int run() {
      return DevCommand.runOne(port, data, false);
    }
  }

  /** {@code penstock server}. */
  record Server(Path file, boolean untilInputEnds) implements PlainStart {
    @Override
    public int run() {
      return ServerCommand.run(file, untilInputEnds);
    }
  }

  /** Null where picocli has to look at it. */
  static @Nullable PlainStart of(String... arguments) {
    if (arguments.length == 0) {
      return null;
    }
    List<String> rest = List.of(arguments).subList(1, arguments.length);
    return switch (arguments[0]) {
      case "dev" -> dev(rest);
      case "server" -> server(rest);
      default -> null;
    };
  }

  private static @Nullable PlainStart dev(List<String> arguments) {
    Map<String, String> options = options(arguments, Set.of("--port", "--data"), Set.of());
    if (options == null) {
      return null;
    }
    String port = options.getOrDefault("--port", DevCommand.PORT);
    String data = options.getOrDefault("--data", DevCommand.DATA);
    boolean isPort = port.matches("0|[1-9][0-9]{0,4}") && Integer.parseInt(port) <= 65_535;
    return isPort ? new Dev(Integer.parseInt(port), Path.of(data)) : null;
  }

  private static @Nullable PlainStart server(List<String> arguments) {
    Map<String, String> options =
        options(arguments, Set.of("--config"), Set.of("--until-input-ends"));
    if (options == null) {
      return null;
    }
    String file = options.get("--config");
    boolean untilInputEnds = options.containsKey("--until-input-ends");
    return file == null ? null : new Server(Path.of(file), untilInputEnds);
  }

  /** Each at most once, as {@code --name value}, {@code --name=value} or a flag; or null. */
  private static @Nullable Map<String, String> options(
      List<String> arguments, Set<String> valued, Set<String> flags) {
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value;
      if (flags.contains(argument)) {
        value = "";
      } else if (!valued.contains(name)) {
        return null;
      } else if (equals >= 0) {
        value = argument.substring(equals + 1);
      } else if (++i < arguments.size()) {
        value = arguments.get(i);
      } else {
        return null;
      }
      boolean isPlain = flags.contains(name) || value.matches("[A-Za-z0-9_./][^\"'\\\\$\0]*");
      if (!isPlain || found.put(name, value) != null) {
        return null;
      }
    }
    return found;
  }
}

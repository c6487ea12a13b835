package io.penstock.client.cli;

import io.penstock.client.Admin;
import io.penstock.client.AdminException;
import io.penstock.client.net.BrokerConnectionException;
import io.penstock.client.net.ConnectionSettings;
import io.penstock.client.net.Endpoint;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The options of every command that talks to a cluster, and what they all do with them: open an
 * {@link Admin}, wait for its answers no longer than allowed, and turn failures into a message that
 * says what to do and an exit code.
 */
final class ConnectionOptions {

  /** What a command does once it can talk to the cluster; the result is its exit code. */
  @FunctionalInterface
  interface Task {
    int run(Admin admin) throws ExecutionException, TimeoutException, InterruptedException;
  }

  /** Reads {@code HOST:PORT,…}. */
  static final class EndpointsConverter implements ITypeConverter<Bootstrap> {
    @Override
    public Bootstrap convert(String text) {
      try {
        return new Bootstrap(Endpoint.parseList(text));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** A list with a type of its own, which keeps picocli from splitting it. */
  record Bootstrap(List<Endpoint> endpoints) {}

  @Option(
      names = {"-b", "--bootstrap", "--bootstrap-server"},
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9092",
      converter = EndpointsConverter.class,
      description = "Any broker of the cluster, or several with commas (${DEFAULT-VALUE}).")
  private @Nullable Bootstrap bootstrap;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long to wait for an answer (${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(names = "--json", description = "Print JSON, for scripts.")
  private boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli sets it and acts on it
  private boolean help;

  boolean json() {
    return json;
  }

  int withAdmin(CommandSpec spec, Task task) {
    if (bootstrap == null || timeoutSeconds < 1) {
      throw new picocli.CommandLine.ParameterException(
          spec.commandLine(), "--timeout must be at least 1 second");
    }
    ConnectionSettings settings =
        ConnectionSettings.defaults("penstock-cli")
            .withTimeoutMs(TimeUnit.SECONDS.toMillis(timeoutSeconds));
    PrintWriter err = spec.commandLine().getErr();
    try (Admin admin = Admin.of(bootstrap.endpoints(), settings)) {
      return task.run(admin);
    } catch (ExecutionException e) {
      err.println("penstock: " + explain(e.getCause() == null ? e : e.getCause()));
    } catch (TimeoutException e) {
      err.println(
          "penstock: no answer within "
              + timeoutSeconds
              + " s; is the cluster healthy? --timeout waits longer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("penstock: interrupted");
    } finally {
      err.flush();
    }
    return ExitCode.SOFTWARE;
  }

  /** Waits for an answer, a little longer than the connection itself does. */
  <T> T await(CompletableFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(timeoutSeconds + 1L, TimeUnit.SECONDS);
  }

  static String explain(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof AdminException) {
      return message;
    }
    if (failure instanceof BrokerConnectionException connection) {
      return switch (connection.kind()) {
        case UNREACHABLE ->
            message
                + "\n'penstock dev' starts a broker on this machine; --bootstrap HOST:PORT names"
                + " another one";
        case TIMED_OUT -> message + "; is the broker overloaded? --timeout waits longer";
        case CLOSED, BUSY, UNSUPPORTED, MALFORMED -> message;
      };
    }
    return failure.getClass().getSimpleName() + ": " + message;
  }
}

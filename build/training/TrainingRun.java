import java.nio.file.Path;

/**
 * The build's training run: a cluster of three nodes, a client that does once what clients do, and nodes that stop,
 * die and come back meanwhile. What the first node needed for it is in the AOT cache that it writes when it ends. Each
 * step stands alone: one that fails leaves its classes out.
 *
 * <pre>
 * TrainingRun HOME DIRECTORY CACHE
 * </pre>
 *
 * HOME is the distribution, DIRECTORY an empty one for the nodes, CACHE the file to write.
 */
public final class TrainingRun {
  private static final int TRAINED = 1;

  private TrainingRun() {}

  interface Step {
    void run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Path directory = Path.of(arguments[1]);
    try (TrainingCluster nodes = new TrainingCluster(home, directory, TRAINED, Path.of(arguments[2]))) {
      nodes.startAll();
      try (TrainingClient client = new TrainingClient(nodes.bootstrap())) {
        client.doAll();
        attempt("others stop", () -> letOthersStop(nodes, client));
        attempt("another dies", () -> letAnotherDie(nodes, client));
        attempt("the trained one stops", () -> nodes.end(TRAINED));
      }
    }
  }

  /** One after the other: then the trained node leads what can be led. */
  private static void letOthersStop(TrainingCluster nodes, TrainingClient client) throws Exception {
    for (int other : nodes.others()) {
      nodes.end(other);
      client.write();
      nodes.start(other);
    }
    client.awaitInSync();
  }

  private static void letAnotherDie(TrainingCluster nodes, TrainingClient client) throws Exception {
    client.moveLeadersBack();
    client.write();
    nodes.kill(nodes.others().getFirst());
    client.write();
  }

  static void attempt(String name, Step step) {
    try {
      step.run();
    } catch (Exception failed) {
      System.out.println("training run: " + name + ": " + failed);
    }
  }
}

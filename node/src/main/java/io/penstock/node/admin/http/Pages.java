package io.penstock.node.admin.http;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What the server has to say, by the target of a request as the client wrote it. */
public interface Pages {

  /**
   * An answer that takes no time, whatever else the process does; null where it takes some. Called
   * on the event loop.
   */
  @Nullable Page atOnce(String target);

  /**
   * The answer. Called on a thread that may take its time, but waits for nobody.
   *
   * @param workers the thread that this is called on, and its like: what has to wait for others
   *     goes on there
   */
  CompletionStage<Page> answer(String target, Executor workers);
}

package io.penstock.replication.liveness;

import io.penstock.replication.liveness.LeaderFinder.Place;
import io.penstock.replication.peer.PeerApi;
import io.penstock.replication.peer.PeerException;
import io.penstock.replication.value.UnknownFormatException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One side of a broker's talk with the leader: one request at a time, said to all who may lead, one
 * right after the other, and again, soon and then less soon, until somebody who does has answered;
 * then the next one when it is time. Used on the loop.
 */
final class LeaderTalk {

  /** What is said, and what is made of the answers. */
  interface Topic {

    /** Null where there is nothing to say before {@link LeaderTalk#now} is called again. */
    @Nullable Request next();

    Reaction answered(PeerApi api, byte[] answer, long sentMs);

    /** Nobody who leads has answered this time. */
    void unheard(String why);

    /** The one who was asked wants nothing to do with this process. */
    default void rejected(String why) {}
  }

  /** What to ask now. */
  static final class Request {
    private final PeerApi api;
    private final byte[] body;
    private final long timeoutMs;

    Request(PeerApi api, byte[] body, long timeoutMs) {
      this.api = api;
      this.body = body;
      this.timeoutMs = timeoutMs;
    }
  }

  /** What an answer means for what is said next. */
  sealed interface Reaction {

    /** It came from the leader; the next request goes out after so long. */
    record NextIn(long delayMs) implements Reaction {}

    /** It came from the leader, who had no time for it. */
    record Again(String why) implements Reaction {}

    /** It came from somebody else. */
    record NotLeader(int leaderId) implements Reaction {}

    /** There is nothing more to say. */
    record End() implements Reaction {}
  }

  private final LeaderLink link;
  private final LivenessLoop loop;
  private final Topic topic;
  private final Backoff backoff;
  private LivenessLoop.@Nullable Timer timer;
  private long request;
  private boolean isOver;

  LeaderTalk(LeaderLink link, LivenessLoop loop, Topic topic, long retryMsMax) {
    this.link = link;
    this.loop = loop;
    this.topic = topic;
    this.backoff = new Backoff(retryMsMax);
  }

  /** Says what there is to say now; an answer that is still due is not waited for any more. */
  void now() {
    if (isOver) {
      return;
    }
    cancelTimer();
    long number = ++request;
    Request next = topic.next();
    if (next == null) {
      link.startOver();
      backoff.reset();
      return;
    }
    Place to = link.next();
    if (to == null) {
      unheard("no voter is known");
      return;
    }
    long sentMs = loop.nowMs();
    var _ =
        ask(to, next)
            .whenComplete((answer, failure) ->
                loop.execute(() -> {
                  if (number == request && !isOver) {
                    answered(to, next, sentMs, answer, failure);
                  }
                }));
  }

  /** Somebody else may lead now. */
  void leadershipChanged() {
    link.forget();
    backoff.reset();
    now();
  }

  void end() {
    isOver = true;
    cancelTimer();
  }

  private CompletionStage<byte[]> ask(Place to, Request next) {
    try {
      return link.ask(to, next.api, next.body, next.timeoutMs);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answered(
      Place to, Request asked, long sentMs, byte @Nullable [] answer, @Nullable Throwable failure) {
    if (answer == null) {
      link.failed(to);
      String why = to.address() + ": " + (failure == null ? "no answer" : Failures.text(failure));
      if (failure != null && Failures.kind(failure) == PeerException.Kind.REJECTED) {
        topic.rejected(why);
      }
      if (!isOver) {
        unheardThere(why);
      }
      return;
    }
    Reaction reaction;
    try {
      reaction = topic.answered(asked.api, answer, sentMs);
    } catch (UnknownFormatException e) {
      link.failed(to);
      unheardThere(to.address() + " answers what this version cannot read: " + e.getMessage());
      return;
    }
    switch (reaction) {
      case Reaction.NextIn(long delayMs) -> {
        link.leads(to);
        backoff.reset();
        after(delayMs);
      }
      case Reaction.Again(String why) -> {
        link.leads(to);
        unheard(to.address() + ": " + why);
      }
      case Reaction.NotLeader(int leaderId) -> {
        link.notLeader(to, leaderId);
        unheardThere(to.address() + " does not lead");
      }
      case Reaction.End() -> end();
    }
  }

  /** Somebody else may lead: who waits before it has asked them all finds no leader for long. */
  private void unheardThere(String why) {
    if (!link.hasUntried()) {
      unheard(why);
      return;
    }
    topic.unheard(why);
    if (!isOver) {
      after(0);
    }
  }

  private void unheard(String why) {
    topic.unheard(why);
    if (!isOver) {
      after(backoff.nextMs());
    }
  }

  private void after(long delayMs) {
    cancelTimer();
    timer = loop.after(delayMs, this::now);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}

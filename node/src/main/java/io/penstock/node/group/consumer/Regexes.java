package io.penstock.node.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.penstock.node.group.effect.ConsumerGroupRecord;
import io.penstock.node.group.effect.ConsumerGroupRecord.ResolvedRegex;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The expressions that members are subscribed to, and the topics that these stand for: those whose
 * whole name matches. RE2 takes time in proportion to a name's length times the expression's size,
 * and all of it is taken of the thread that serves other groups too: so a group's expressions are
 * bounded together.
 */
final class Regexes {

  /** How large an expression may be when its repetitions are written out, to be compiled at all. */
  private static final int SIZE_MAX = 20_000;

  /** RE2 goes into parentheses by recursion, and a stack may end before an expression does. */
  private static final int PARENTHESES_MAX = 250;

  /** How many instructions all expressions of a group may have; one takes some dozens. */
  private static final int INSTRUCTIONS_MAX = 4_000;

  private static final java.util.regex.Pattern REPETITION =
      java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?\\}");

  /** Expressions that one group may use at a time: each is held against every topic's name. */
  private static final int PER_GROUP_MAX = 100;

  private Regexes() {}

  /** What is wrong with a member's expression; null where nothing is, or it has none. */
  static @Nullable Refusal problem(ConsumerState state, @Nullable String regex) {
    if (regex == null || regex.isEmpty() || state.uses(regex)) {
      return null;
    }
    if (size(regex) > SIZE_MAX) {
      return refusal("is too large");
    }
    if (state.usedRegexes().size() >= PER_GROUP_MAX) {
      return refusal("is one too many: the group uses " + PER_GROUP_MAX + " others");
    }
    try {
      long instructions = compile(regex).programSize();
      for (String other : state.usedRegexes()) {
        instructions += instructions(other);
      }
      return instructions <= INSTRUCTIONS_MAX
          ? null
          : refusal("is too large, beside " + state.usedRegexes().size() + " others of the group");
    } catch (PatternSyntaxException wrong) {
      return refusal("`" + regex + "` is not valid: " + wrong.getDescription());
    }
  }

  /** Throws where it is none that can be used here. */
  private static Pattern compile(String regex) {
    if (regex.chars().filter(each -> each == '(').count() > PARENTHESES_MAX) {
      throw new PatternSyntaxException("more than " + PARENTHESES_MAX + " parentheses");
    }
    return Pattern.compile(regex);
  }

  private static long instructions(String regex) {
    try {
      return compile(regex).programSize();
    } catch (PatternSyntaxException unknown) {
      return 0; // another version wrote it down; no name is held against it
    }
  }

  private static Refusal refusal(String what) {
    return new Refusal(Errors.INVALID_REGULAR_EXPRESSION, "SubscribedTopicRegex " + what + ".");
  }

  /** RE2 writes repetitions out, also those of repetitions: how large that becomes at most. */
  private static long size(String regex) {
    if (regex.length() > SIZE_MAX) {
      return regex.length();
    }
    long size = regex.length();
    Matcher repetition = REPETITION.matcher(regex);
    while (repetition.find() && size <= SIZE_MAX) {
      size *= Math.max(1, Math.max(number(repetition.group(1)), number(repetition.group(2))));
    }
    return size;
  }

  private static long number(@Nullable String digits) {
    return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
  }

  /** Finds out what expressions stand for where that is not known, and whether it has changed. */
  static boolean refresh(Step step) {
    ConsumerState state = step.state();
    boolean changed = dropUnused(step);
    boolean namesChanged = step.group().hasNewNames();
    if (namesChanged) {
      step.group().seeNames(step.effects()); // before they are read: what comes meanwhile is new
    }
    for (String regex : List.copyOf(state.usedRegexes())) {
      ResolvedRegex before = state.regex(regex);
      if (before != null && !namesChanged) {
        continue;
      }
      List<String> topics = matching(regex, step.topics());
      if (before == null || !topics.equals(before.topics())) {
        long version = before == null ? 0 : before.version() + 1;
        step.change(
            new ConsumerGroupRecord.Regex(
                state.groupId(), regex, new ResolvedRegex(topics, version, step.nowMs())));
        changed = true;
      }
    }
    return changed;
  }

  /** Forgets expressions that nobody is subscribed to any more, and says whether there were any. */
  static boolean dropUnused(Step step) {
    ConsumerState state = step.state();
    boolean dropped = false;
    for (String regex : List.copyOf(state.regexes().keySet())) {
      if (!state.uses(regex)) {
        step.change(new ConsumerGroupRecord.Regex(state.groupId(), regex, null));
        dropped = true;
      }
    }
    return dropped;
  }

  private static List<String> matching(String regex, TopicCatalog topics) {
    Pattern pattern;
    try {
      pattern = compile(regex);
    } catch (PatternSyntaxException unknown) {
      return List.of(); // another version wrote it down, which knew what it means
    }
    List<String> names = new ArrayList<>();
    for (String name : topics.names()) {
      if (pattern.matches(name)) {
        names.add(name);
      }
    }
    names.sort(null);
    return names;
  }
}

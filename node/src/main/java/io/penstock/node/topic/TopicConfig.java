package io.penstock.node.topic;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a topic: its name, type and default, the broker settings that Kafka derives its
 * default from, and what values it takes. Pure and immutable.
 *
 * @param nodeNames the names of the broker-wide default, the strongest first
 * @param refusal says what is wrong with a value of the right type, or null where nothing is
 */
public record TopicConfig(
    String name,
    ConfigType type,
    String byDefault,
    List<String> nodeNames,
    Refusal refusal,
    String documentation) {

  /** Judges a value that has the right type. */
  @FunctionalInterface
  public interface Refusal {
    @Nullable String of(String value);
  }

  /** What is wrong with the value, for a person; null where it can be taken. */
  public @Nullable String problemWith(String value) {
    String wrongType = wrongType(value.strip());
    return wrongType != null ? wrongType : refusal.of(value.strip());
  }

  private @Nullable String wrongType(String value) {
    return switch (type) {
      case BOOLEAN ->
          value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")
              ? null
              : "it has to be true or false";
      case INT -> isNumber(value, true) ? null : "it has to be a whole number of 32 bits";
      case LONG -> isNumber(value, false) ? null : "it has to be a whole number of 64 bits";
      case DOUBLE -> isDouble(value) ? null : "it has to be a number";
      case STRING, LIST -> null;
    };
  }

  private static boolean isNumber(String value, boolean fitsInt) {
    try {
      long number = Long.parseLong(value);
      return !fitsInt || number == (int) number;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean isDouble(String value) {
    try {
      return Double.isFinite(Double.parseDouble(value));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}

package io.penstock.node.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.penstock.node.config.ConfigValue.Entry;
import io.penstock.node.config.ConfigValue.Mapping;
import io.penstock.node.config.ConfigValue.Scalar;
import io.penstock.node.config.ConfigValue.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Turns YAML text into {@link ConfigValue}s that remember their lines, which data binding to
 * classes would lose. Jackson's parser bounds nesting and sizes.
 */
final class YamlSource {

  private static final Pattern LINE = Pattern.compile("line ([0-9]+), column");

  private final String name;
  private final List<String> problems;

  YamlSource(String name, List<String> problems) {
    this.name = name;
    this.problems = problems;
  }

  /** The file's top mapping; an empty file is an empty one. Problems are added to the list. */
  Mapping parse(String text) {
    try (JsonParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return emptyMapping(1);
      }
      if (parser.currentToken() == JsonToken.VALUE_NULL) {
        return emptyMapping(1);
      }
      ConfigValue top = value(parser);
      if (top instanceof Mapping mapping) {
        return mapping;
      }
      problems.add(name + ":" + top.line() + ": expected `key: value` lines");
    } catch (JsonProcessingException e) {
      problems.add(name + ":" + line(e) + ": not YAML: " + saying(e));
    } catch (IOException e) {
      problems.add(name + ": cannot be read: " + e.getMessage());
    }
    return emptyMapping(1);
  }

  private ConfigValue value(JsonParser parser) throws IOException {
    int line = parser.currentTokenLocation().getLineNr();
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(parser, line);
      case START_ARRAY -> sequence(parser, line);
      case VALUE_NULL -> new Scalar("", line);
      default -> new Scalar(parser.getText(), line);
    };
  }

  private Mapping mapping(JsonParser parser, int line) throws IOException {
    LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      int keyLine = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      Entry before = entries.putIfAbsent(key, new Entry(value(parser), keyLine));
      if (before != null) {
        problems.add(
            name + ":" + keyLine + ": `" + key + "` is already set on line " + before.line());
      }
    }
    return new Mapping(entries, line);
  }

  private Sequence sequence(JsonParser parser, int line) throws IOException {
    List<ConfigValue> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(parser));
    }
    return new Sequence(items, line);
  }

  private static Mapping emptyMapping(int line) {
    return new Mapping(new LinkedHashMap<>(), line);
  }

  /** The parser's own idea of the line is in its text only; the exception's is where it began. */
  private static String line(JsonProcessingException failure) {
    String line = failure.getLocation() == null ? "1" : "" + failure.getLocation().getLineNr();
    Matcher mention = LINE.matcher(failure.getOriginalMessage());
    while (mention.find()) {
      line = mention.group(1);
    }
    return line;
  }

  /** Without the marks and excerpts, which are indented. */
  private static String saying(JsonProcessingException failure) {
    return failure
        .getOriginalMessage()
        .lines()
        .filter(line -> !line.startsWith(" "))
        .collect(Collectors.joining(", "));
  }
}

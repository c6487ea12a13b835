package io.penstock.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Holds the short way to what picocli makes of the same command line. */
class PlainStartTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev",
        "dev --port 0",
        "dev --port=65535 --data /tmp/records",
        "dev --data=relative/a=b --port 19092",
      })
  void readsTheStartOfOneNodeAsPicocliDoes(String line) {
    ParseResult expected = parsed(line);
    int port = expected.matchedOptionValue("--port", Integer.parseInt(DevCommand.PORT));
    Path data = expected.matchedOptionValue("--data", Path.of(DevCommand.DATA));
    assertEquals(new PlainStart.Dev(port, data), PlainStart.of(line.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server --config penstock.yaml",
        "server --config=/etc/penstock/penstock.yaml --until-input-ends",
        "server --until-input-ends --config ../node1/penstock.yaml",
      })
  void readsTheStartOfAConfiguredNodeAsPicocliDoes(String line) {
    ParseResult expected = parsed(line);
    Path file = expected.matchedOptionValue("--config", Path.of(""));
    boolean untilInputEnds = expected.matchedOptionValue("--until-input-ends", false);
    assertEquals(new PlainStart.Server(file, untilInputEnds), PlainStart.of(line.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--version",
        "topics list",
        "cluster status",
        "dev --help",
        "dev --nodes 3",
        "dev --adopt-kafka-data",
        "dev --port",
        "dev --port -1",
        "dev --port 65536",
        "dev --port 0x10",
        "dev --port 1 --port 2",
        "dev --data --port 1",
        "dev --data @file",
        "dev --data ${HOME}",
        "dev more",
        "server",
        "server --until-input-ends",
        "server --until-input-ends=false --config penstock.yaml",
        "server --config penstock.yaml --data x",
      })
  void leavesWhateverNeedsAWordToPicocli(String line) {
    assertNull(PlainStart.of(line.split(" ")));
  }

  @Test
  void leavesAnEmptyLineToPicocli() {
    assertNull(PlainStart.of());
    assertNull(PlainStart.of("dev", "--data", ""));
  }

  @Test
  void takesAPathWithSpaces() {
    PlainStart.Dev start =
        assertInstanceOf(PlainStart.Dev.class, PlainStart.of("dev", "--data", "/my records/here"));
    assertEquals(Path.of("/my records/here"), start.data());
  }

  private static ParseResult parsed(String line) {
    return new CommandLine(new NodeMain()).parseArgs(line.split(" ")).subcommand();
  }
}

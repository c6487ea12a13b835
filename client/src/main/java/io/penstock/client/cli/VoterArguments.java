package io.penstock.client.cli;

import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Which voter the commands about one are about. */
final class VoterArguments {

  private static final int HYPHENATED_LENGTH = 36;

  @Parameters(paramLabel = "ID", description = "The node, by its node.id.")
  int id;

  @Option(
      names = "--directory-id",
      paramLabel = "UUID",
      converter = DirectoryConverter.class,
      description =
          "The data directory that the vote belongs to, as 'penstock cluster status --json' shows"
              + " it; without it, the one that the node has.")
  @Nullable UUID directoryId;

  /** Reads an id the way Kafka's tools write it, or with hyphens. */
  static final class DirectoryConverter implements ITypeConverter<UUID> {
    @Override
    public UUID convert(String text) {
      try {
        if (text.length() == HYPHENATED_LENGTH) {
          return UUID.fromString(text);
        }
        Uuid id = Uuid.fromString(text);
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "' is no id of a directory");
      }
    }
  }
}

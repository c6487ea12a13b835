package io.penstock.replication.cluster;

import io.penstock.replication.metadata.MetadataCommand;
import io.penstock.replication.metadata.MetadataImage;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataRules;
import io.penstock.replication.metadata.codec.MetadataCodec;
import io.penstock.replication.metadata.codec.MetadataResultCodec;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import java.io.IOException;

/** The {@code metadata} group as its host sees it. */
final class MetadataGroupRules
    implements GroupRules<MetadataImage, MetadataCommand, MetadataResult> {

  @Override
  public MetadataImage emptyImage() {
    return MetadataImage.EMPTY;
  }

  @Override
  public Applied<MetadataImage, ?, MetadataResult> apply(
      MetadataImage image, MetadataCommand command) {
    return MetadataRules.apply(image, command);
  }

  @Override
  public byte[] encodeCommand(MetadataCommand command) {
    return MetadataCodec.encode(command);
  }

  @Override
  public MetadataCommand decodeCommand(byte[] bytes) {
    return MetadataCodec.decode(bytes);
  }

  @Override
  public byte[] encodeResult(MetadataResult result) {
    return MetadataResultCodec.encode(result);
  }

  @Override
  public MetadataResult decodeResult(byte[] bytes) {
    return MetadataResultCodec.decode(bytes);
  }

  @Override
  public void writeImage(MetadataImage image, CompactOutput out) throws IOException {
    MetadataCodec.writeImage(image, out);
  }

  @Override
  public MetadataImage readImage(CompactInput in) throws IOException {
    return MetadataCodec.readImage(in);
  }
}

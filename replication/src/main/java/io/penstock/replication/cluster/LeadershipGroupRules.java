package io.penstock.replication.cluster;

import io.penstock.replication.leadership.LeadershipCommand;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.LeadershipResult;
import io.penstock.replication.leadership.LeadershipRules;
import io.penstock.replication.leadership.codec.LeadershipCommandCodec;
import io.penstock.replication.leadership.codec.LeadershipImageCodec;
import io.penstock.replication.leadership.codec.LeadershipResultCodec;
import io.penstock.replication.value.Applied;
import io.penstock.replication.value.CompactInput;
import io.penstock.replication.value.CompactOutput;
import io.penstock.replication.value.GroupRules;
import java.io.IOException;

/** The {@code leadership} group as its host sees it. */
final class LeadershipGroupRules
    implements GroupRules<LeadershipImage, LeadershipCommand, LeadershipResult> {

  @Override
  public LeadershipImage emptyImage() {
    return LeadershipImage.EMPTY;
  }

  @Override
  public Applied<LeadershipImage, ?, LeadershipResult> apply(
      LeadershipImage image, LeadershipCommand command) {
    return LeadershipRules.apply(image, command);
  }

  @Override
  public byte[] encodeCommand(LeadershipCommand command) {
    return LeadershipCommandCodec.encode(command);
  }

  @Override
  public LeadershipCommand decodeCommand(byte[] bytes) {
    return LeadershipCommandCodec.decode(bytes);
  }

  @Override
  public byte[] encodeResult(LeadershipResult result) {
    return LeadershipResultCodec.encode(result);
  }

  @Override
  public LeadershipResult decodeResult(byte[] bytes) {
    return LeadershipResultCodec.decode(bytes);
  }

  @Override
  public void writeImage(LeadershipImage image, CompactOutput out) throws IOException {
    LeadershipImageCodec.write(image, out);
  }

  @Override
  public LeadershipImage readImage(CompactInput in) throws IOException {
    return LeadershipImageCodec.read(in);
  }
}

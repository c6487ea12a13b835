package io.penstock.node.api.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.node.api.admin.Exchange;
import io.penstock.replication.cluster.InMemoryControlPlane;
import io.penstock.replication.cluster.InMemoryControlPlane.Fate;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What becomes of the feature level when operators change it. */
class UpdateFeaturesHandlerTest {

  private final InMemoryControlPlane control = InMemoryControlPlane.withBrokers(1);
  private final UpdateFeaturesHandler handler = new UpdateFeaturesHandler(control);

  @Test
  void takesWhatIsOnAlreadyInEveryVersion() {
    for (int version = 0; version <= 2; version++) {
      UpdateFeaturesResponseData response = ask(version, update(Features.NAME, 1));

      assertEquals(Errors.NONE.code(), response.errorCode());
      assertEquals(version <= 1 ? 1 : 0, response.results().size());
    }
  }

  @Test
  void refusesWhatThisNodeDoesNotKnow() {
    for (int version = 0; version <= 2; version++) {
      assertEquals(
          Errors.INVALID_UPDATE_VERSION,
          error(version, update(Features.NAME, Features.HIGHEST + 1)));
      assertEquals(Errors.INVALID_UPDATE_VERSION, error(version, update(Features.NAME, 0)));
      assertEquals(Errors.INVALID_UPDATE_VERSION, error(version, update(Features.NAME, -1)));
      assertEquals(Errors.INVALID_UPDATE_VERSION, error(version, update("metadata.version", 25)));
    }
    assertEquals(
        Errors.INVALID_UPDATE_VERSION, error(2, update(Features.NAME, 1).setUpgradeType((byte) 9)));
    assertEquals(1, control.image().metadata().featureLevel());
  }

  @Test
  void neverGoesBack() {
    control.apply(new SetFeatureLevel(5));

    UpdateFeaturesResponseData response = ask(2, update(Features.NAME, 1).setUpgradeType((byte) 3));

    assertEquals(Errors.INVALID_UPDATE_VERSION.code(), response.errorCode());
    assertTrue(response.errorMessage().contains("cannot go back"), response.errorMessage());
  }

  @Test
  void onlyValidatesWhereAsked() {
    control.next(Fate.LOST);

    UpdateFeaturesResponseData response =
        exchange(2, request(update(Features.NAME, 1)).setValidateOnly(true));

    assertEquals(Errors.NONE.code(), response.errorCode());
  }

  @Test
  void tellsThatNobodyAnswered() {
    control.next(Fate.LOST);

    assertEquals(Errors.REQUEST_TIMED_OUT, error(2, update(Features.NAME, 1)));
  }

  private Errors error(int version, FeatureUpdateKey update) {
    return Errors.forCode(ask(version, update).errorCode());
  }

  private UpdateFeaturesResponseData ask(int version, FeatureUpdateKey update) {
    if (version == 0) {
      update.setUpgradeType((byte) 1);
    }
    return exchange(version, request(update));
  }

  private UpdateFeaturesResponseData exchange(int version, UpdateFeaturesRequestData request) {
    return Exchange.ask(handler, version, request, UpdateFeaturesResponseData.class);
  }

  private static UpdateFeaturesRequestData request(FeatureUpdateKey update) {
    UpdateFeaturesRequestData request = new UpdateFeaturesRequestData().setTimeoutMs(1_000);
    request.featureUpdates().add(update);
    return request;
  }

  private static FeatureUpdateKey update(String feature, int level) {
    return new FeatureUpdateKey().setFeature(feature).setMaxVersionLevel((short) level);
  }
}

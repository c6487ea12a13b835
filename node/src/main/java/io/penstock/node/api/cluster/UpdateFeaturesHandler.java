package io.penstock.node.api.cluster;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.AdminLimits;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.metadata.MetadataCommand.SetFeatureLevel;
import io.penstock.replication.metadata.MetadataResult;
import io.penstock.replication.metadata.MetadataRules;
import io.penstock.replication.value.ControlError;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Raises the feature level of the cluster: all that a request asks for, or nothing. There is no way
 * back, as the log would hold what older rules cannot read.
 */
public final class UpdateFeaturesHandler extends TypedHandler<UpdateFeaturesRequestData> {

  private static final int LAST_WITH_RESULTS = 1;
  private static final byte UPGRADE = 1;
  private static final byte UNSAFE_DOWNGRADE = 3;

  private final ControlPlane control;

  public UpdateFeaturesHandler(ControlPlane control) {
    super(ApiKeys.UPDATE_FEATURES, UpdateFeaturesRequestData.class, 0, 2);
    this.control = control;
  }

  @Override
  protected void serve(RequestContext context, UpdateFeaturesRequestData request) {
    int level = control.image().metadata().featureLevel();
    for (FeatureUpdateKey update : request.featureUpdates()) {
      String problem = problemOf(update, level, context.apiVersion());
      if (problem != null) {
        context.respond(refused(Errors.INVALID_UPDATE_VERSION, problem));
        return;
      }
      level = update.maxVersionLevel();
    }
    SetFeatureLevel command = new SetFeatureLevel(level);
    LaterAnswer.respondWithin(
        AdminLimits.waitMs(request.timeoutMs()),
        context,
        request.validateOnly() ? tryOut(command) : control.propose(command),
        result -> answer(result, request, context.apiVersion()),
        failure -> {
          Errors error = ControlErrors.unanswered(failure);
          return refused(error, error.message());
        });
  }

  private static @Nullable String problemOf(FeatureUpdateKey update, int current, short version) {
    int level = update.maxVersionLevel();
    String what = "Invalid update version " + level + " for feature " + update.feature() + ": ";
    if (!update.feature().equals(Features.NAME)) {
      return what + "there is only " + Features.NAME;
    }
    if (version > 0
        && (update.upgradeType() < UPGRADE || update.upgradeType() > UNSAFE_DOWNGRADE)) {
      return what + "the upgrade type " + update.upgradeType() + " is none";
    }
    if (!Features.knows(level)) {
      return what + "this node knows " + Features.LOWEST + " to " + Features.HIGHEST;
    }
    return level < current ? what + "it is " + current + " and cannot go back" : null;
  }

  private CompletionStage<MetadataResult> tryOut(SetFeatureLevel command) {
    return CompletableFuture.completedFuture(
        MetadataRules.apply(control.image().metadata(), command).result());
  }

  private static UpdateFeaturesResponseData answer(
      MetadataResult result, UpdateFeaturesRequestData request, short version) {
    if (result instanceof MetadataResult.Refused(ControlError error, String message)) {
      return refused(ControlErrors.toKafka(error), message);
    }
    UpdateFeaturesResponseData response = new UpdateFeaturesResponseData().setErrorMessage(null);
    if (version <= LAST_WITH_RESULTS) {
      for (FeatureUpdateKey update : request.featureUpdates()) {
        response
            .results()
            .add(new UpdatableFeatureResult().setFeature(update.feature()).setErrorMessage(null));
      }
    }
    return response;
  }

  private static UpdateFeaturesResponseData refused(Errors error, String message) {
    return new UpdateFeaturesResponseData().setErrorCode(error.code()).setErrorMessage(message);
  }
}

package io.penstock.node.api.admin;

import io.penstock.node.api.ControlErrors;
import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.ConfigAlteration.Answer;
import io.penstock.node.api.admin.ConfigEdit.Operation;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.cluster.ControlPlane;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Replaces the settings of topics and groups: what the request does not name loses its value. */
public final class AlterConfigsHandler extends TypedHandler<AlterConfigsRequestData> {

  /** Neither API that changes settings lets clients say how long they wait. */
  static final long WAIT_MS = 30_000;

  private final ConfigAlteration alteration;

  public AlterConfigsHandler(ControlPlane control, NodeConfig config) {
    super(ApiKeys.ALTER_CONFIGS, AlterConfigsRequestData.class, 0, 2);
    this.alteration = new ConfigAlteration(control, config);
  }

  @Override
  protected void serve(RequestContext context, AlterConfigsRequestData request) {
    if (request.resources().size() > AdminLimits.CHANGES_MAX) {
      context.closeConnection("change of more than " + AdminLimits.CHANGES_MAX + " resources");
      return;
    }
    List<ConfigEdit> edits = new ArrayList<>(request.resources().size());
    for (AlterConfigsResource resource : request.resources()) {
      edits.add(edit(resource));
    }
    LaterAnswer.respondWithin(
        WAIT_MS,
        context,
        alteration.apply(edits, request.validateOnly()),
        AlterConfigsHandler::response,
        failure -> response(unanswered(edits, failure)));
  }

  /** The answers to edits of which it is not known what became of them. */
  static List<Answer> unanswered(List<ConfigEdit> edits, Throwable failure) {
    Errors error = ControlErrors.unanswered(failure);
    return edits.stream().map(edit -> Answer.of(edit, error, error.message())).toList();
  }

  private static ConfigEdit edit(AlterConfigsResource resource) {
    List<Operation> operations = new ArrayList<>(resource.configs().size());
    for (AlterableConfig config : resource.configs()) {
      operations.add(new Operation(config.name(), ConfigEdit.SET, config.value()));
    }
    return new ConfigEdit(resource.resourceType(), resource.resourceName(), true, operations);
  }

  private static AlterConfigsResponseData response(List<Answer> answers) {
    AlterConfigsResponseData response = new AlterConfigsResponseData();
    for (Answer answer : answers) {
      response
          .responses()
          .add(
              new AlterConfigsResourceResponse()
                  .setResourceType(answer.resourceType())
                  .setResourceName(answer.resourceName())
                  .setErrorCode(answer.error().code())
                  .setErrorMessage(answer.message()));
    }
    return response;
  }
}

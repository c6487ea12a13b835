package io.penstock.node.api.admin;

import io.penstock.node.api.LaterAnswer;
import io.penstock.node.api.RequestContext;
import io.penstock.node.api.TypedHandler;
import io.penstock.node.api.admin.ConfigAlteration.Answer;
import io.penstock.node.api.admin.ConfigEdit.Operation;
import io.penstock.node.config.NodeConfig;
import io.penstock.replication.cluster.ControlPlane;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.ApiKeys;

/** Changes single settings of topics and groups and leaves the others as they are. */
public final class IncrementalAlterConfigsHandler
    extends TypedHandler<IncrementalAlterConfigsRequestData> {

  private final ConfigAlteration alteration;

  public IncrementalAlterConfigsHandler(ControlPlane control, NodeConfig config) {
    super(ApiKeys.INCREMENTAL_ALTER_CONFIGS, IncrementalAlterConfigsRequestData.class, 0, 1);
    this.alteration = new ConfigAlteration(control, config);
  }

  @Override
  protected void serve(RequestContext context, IncrementalAlterConfigsRequestData request) {
    if (request.resources().size() > AdminLimits.CHANGES_MAX) {
      context.closeConnection("change of more than " + AdminLimits.CHANGES_MAX + " resources");
      return;
    }
    List<ConfigEdit> edits = new ArrayList<>(request.resources().size());
    for (AlterConfigsResource resource : request.resources()) {
      edits.add(edit(resource));
    }
    LaterAnswer.respondWithin(
        AlterConfigsHandler.WAIT_MS,
        context,
        alteration.apply(edits, request.validateOnly()),
        IncrementalAlterConfigsHandler::response,
        failure -> response(AlterConfigsHandler.unanswered(edits, failure)));
  }

  private static ConfigEdit edit(AlterConfigsResource resource) {
    List<Operation> operations = new ArrayList<>(resource.configs().size());
    for (AlterableConfig config : resource.configs()) {
      operations.add(new Operation(config.name(), config.configOperation(), config.value()));
    }
    return new ConfigEdit(resource.resourceType(), resource.resourceName(), false, operations);
  }

  private static IncrementalAlterConfigsResponseData response(List<Answer> answers) {
    IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
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

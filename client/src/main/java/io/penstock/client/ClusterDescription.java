package io.penstock.client;

import io.penstock.client.net.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The brokers of a cluster as one of them sees it. Immutable.
 *
 * @param clusterId empty where the broker did not say
 * @param controllerId whom changes are best sent to, -1 where the broker did not say
 * @param brokers in the order of their ids, those that are fenced too where the broker can say them
 */
public record ClusterDescription(String clusterId, int controllerId, List<Broker> brokers) {

  public ClusterDescription {
    brokers = List.copyOf(brokers);
  }

  /**
   * One broker.
   *
   * @param fenced registered, but not allowed to lead: it is down, or still catching up
   */
  public record Broker(int id, Endpoint address, @Nullable String rack, boolean fenced) {}
}

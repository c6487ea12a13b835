package io.penstock.node.api;

import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.cluster.GroupName;
import io.penstock.replication.leadership.BrokerImage;
import io.penstock.replication.leadership.LeadershipImage;
import io.penstock.replication.leadership.PartitionImage;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whom one answer may name: as leader of a partition, among the brokers, as the controller. Taken
 * once for each request and passed down, so that no answer contradicts itself, nor one API another.
 * Immutable.
 *
 * <p>A node that is cut off does not know whether it leads what its image says: others may lead
 * that by now. It is named as leader of nothing then, so that clients ask elsewhere; and it is left
 * out of the brokers and of the choice of a controller as if it were fenced, which it is by now or
 * soon. <i>Why:</i> a client asks the one again that has nothing else of it to answer, and that
 * would be this one, until it happens to ask another. Who reaches none of the others is served by
 * nobody either way, and comes back by the addresses that it began with. Where the node knows of
 * nobody else it does list itself, and names itself as the controller: a client with no broker at
 * all cannot even ask again, and who asks for changes hears at least that they cannot be made.
 */
public final class KnownLeaders {

  private static final int NOBODY = -1;

  private final LeadershipImage image;
  private final int selfId;
  private final int quorumLeaderId;
  private final int doubtfulId;
  private final int hiddenId;

  private KnownLeaders(LeadershipImage image, int selfId, int quorumLeaderId, boolean isCutOff) {
    this.image = image;
    this.selfId = selfId;
    this.quorumLeaderId = quorumLeaderId;
    this.doubtfulId = isCutOff ? selfId : NOBODY;
    this.hiddenId = isCutOff && knowsAnother(image, selfId) ? selfId : NOBODY;
  }

  /**
   * As this node sees it now.
   *
   * @param cutOff whether it has heard nothing from the quorum for a session
   */
  public static KnownLeaders now(ControlPlane control, BooleanSupplier cutOff) {
    // Asked before the image is taken: one that is older than the contact is not to be believed.
    boolean isCutOff = cutOff.getAsBoolean();
    return new KnownLeaders(
        control.image().leadership(),
        control.nodeId(),
        control.leaderId(GroupName.LEADERSHIP),
        isCutOff);
  }

  private static boolean knowsAnother(LeadershipImage image, int selfId) {
    return image.brokers().stream().anyMatch(each -> !each.fenced() && each.id() != selfId);
  }

  /** What all of this is of. */
  public LeadershipImage image() {
    return image;
  }

  /** Who is named as the partition's leader, or {@link PartitionImage#NO_LEADER}. */
  public int leaderOf(PartitionImage partition) {
    int leader = partition.leader();
    return leader == doubtfulId ? PartitionImage.NO_LEADER : leader;
  }

  /** The same one, if it is one that clients can be sent to. */
  public @Nullable BrokerImage brokerLeading(PartitionImage partition) {
    BrokerImage leader = image.broker(leaderOf(partition));
    return leader != null && lists(leader) ? leader : null;
  }

  /** Whether clients are told that the broker of this id is there. */
  public boolean lists(int id) {
    BrokerImage broker = image.broker(id);
    return broker != null && lists(broker);
  }

  private boolean lists(BrokerImage broker) {
    return !broker.fenced() && broker.id() != hiddenId;
  }

  /** All brokers that clients are told of. */
  public List<BrokerImage> brokers() {
    return image.brokers().stream().filter(this::lists).toList();
  }

  /**
   * Whom clients are told to send changes to, always one of {@link #brokers}, or -1 where there are
   * none. Every node takes them; the leader of {@code leadership} does so without asking another
   * one, this node without another connection.
   */
  public int controllerId() {
    if (lists(quorumLeaderId)) {
      return quorumLeaderId;
    }
    if (lists(selfId)) {
      return selfId;
    }
    return brokers().stream().mapToInt(BrokerImage::id).findFirst().orElse(NOBODY);
  }
}

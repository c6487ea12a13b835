package io.penstock.replication.leadership;

import io.penstock.replication.leadership.LeadershipCommand.ChangeIsr;
import io.penstock.replication.leadership.LeadershipCommand.CreatePartitions;
import io.penstock.replication.leadership.LeadershipCommand.CreateTopics;
import io.penstock.replication.leadership.LeadershipCommand.DeleteTopics;
import io.penstock.replication.leadership.LeadershipCommand.DrainBroker;
import io.penstock.replication.leadership.LeadershipCommand.ElectLeaders;
import io.penstock.replication.leadership.LeadershipCommand.FenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.RegisterBroker;
import io.penstock.replication.leadership.LeadershipCommand.SetMinInsyncReplicas;
import io.penstock.replication.leadership.LeadershipCommand.UnfenceBroker;
import io.penstock.replication.leadership.LeadershipCommand.UnregisterBroker;
import io.penstock.replication.value.Applied;

/**
 * The rules of the {@code leadership} group: what each command makes of an image. A change of what
 * any of these compute takes effect only with a new feature level, or two versions in one cluster
 * would compute two clusters from one log.
 */
public final class LeadershipRules {

  private LeadershipRules() {}

  public static Applied<LeadershipImage, LeadershipEvent, LeadershipResult> apply(
      LeadershipImage image, LeadershipCommand command) {
    ImageEditor editor = new ImageEditor(image);
    LeadershipResult result =
        switch (command) {
          case RegisterBroker register -> BrokerRules.register(editor, register);
          case UnfenceBroker unfence -> BrokerRules.unfence(editor, unfence);
          case FenceBroker fence -> BrokerRules.fence(editor, fence);
          case DrainBroker drain -> BrokerRules.drain(editor, drain);
          case UnregisterBroker unregister -> BrokerRules.unregister(editor, unregister);
          case CreateTopics create -> TopicRules.createTopics(editor, create);
          case DeleteTopics delete -> TopicRules.deleteTopics(editor, delete);
          case CreatePartitions create -> TopicRules.createPartitions(editor, create);
          case SetMinInsyncReplicas set -> TopicRules.setMinInsyncReplicas(editor, set);
          case ChangeIsr change -> IsrRules.change(editor, change);
          case ElectLeaders elect -> ElectionRules.elect(editor, elect);
        };
    return new Applied<>(editor.image(), editor.events(), result);
  }
}

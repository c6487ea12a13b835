package io.penstock.node;

import com.codahale.metrics.MetricRegistry;
import io.penstock.node.api.ApiHandler;
import io.penstock.node.api.ApiHandlers;
import io.penstock.node.api.KnownLeaders;
import io.penstock.node.api.PartitionLookup;
import io.penstock.node.api.admin.AlterConfigsHandler;
import io.penstock.node.api.admin.CreatePartitionsHandler;
import io.penstock.node.api.admin.CreateTopicsHandler;
import io.penstock.node.api.admin.DeleteTopicsHandler;
import io.penstock.node.api.admin.DescribeClusterHandler;
import io.penstock.node.api.admin.DescribeConfigsHandler;
import io.penstock.node.api.admin.DescribeLogDirsHandler;
import io.penstock.node.api.admin.DescribeTopicPartitionsHandler;
import io.penstock.node.api.admin.ElectLeadersHandler;
import io.penstock.node.api.admin.IncrementalAlterConfigsHandler;
import io.penstock.node.api.admin.MetadataHandler;
import io.penstock.node.api.admin.TopicCreation;
import io.penstock.node.api.cluster.AddRaftVoterHandler;
import io.penstock.node.api.cluster.ApiVersionsHandler;
import io.penstock.node.api.cluster.DescribeQuorumHandler;
import io.penstock.node.api.cluster.RemoveRaftVoterHandler;
import io.penstock.node.api.cluster.UnregisterBrokerHandler;
import io.penstock.node.api.cluster.UpdateFeaturesHandler;
import io.penstock.node.api.data.DeleteRecordsHandler;
import io.penstock.node.api.data.DescribeProducersHandler;
import io.penstock.node.api.data.InitProducerIdHandler;
import io.penstock.node.api.data.ListOffsetsHandler;
import io.penstock.node.api.data.OffsetForLeaderEpochHandler;
import io.penstock.node.api.data.ProduceHandler;
import io.penstock.node.api.data.ProducerIds;
import io.penstock.node.api.data.ProducerPause;
import io.penstock.node.api.fetch.FetchHandler;
import io.penstock.node.api.fetch.FetchSessions;
import io.penstock.node.api.group.ConsumerGroupDescribeHandler;
import io.penstock.node.api.group.ConsumerGroupHeartbeatHandler;
import io.penstock.node.api.group.DeleteGroupsHandler;
import io.penstock.node.api.group.DescribeGroupsHandler;
import io.penstock.node.api.group.FindCoordinatorHandler;
import io.penstock.node.api.group.HeartbeatHandler;
import io.penstock.node.api.group.JoinGroupHandler;
import io.penstock.node.api.group.LeaveGroupHandler;
import io.penstock.node.api.group.ListGroupsHandler;
import io.penstock.node.api.group.OffsetCommitHandler;
import io.penstock.node.api.group.OffsetDeleteHandler;
import io.penstock.node.api.group.OffsetFetchHandler;
import io.penstock.node.api.group.OffsetsTopicCreation;
import io.penstock.node.api.group.SyncGroupHandler;
import io.penstock.node.cold.ColdReads;
import io.penstock.node.config.NodeConfig;
import io.penstock.node.group.GroupDeletion;
import io.penstock.node.group.GroupKinds;
import io.penstock.node.group.GroupListing;
import io.penstock.node.group.GroupShards;
import io.penstock.node.group.OffsetCommits;
import io.penstock.node.group.OffsetFetches;
import io.penstock.replication.cluster.ClusterImage;
import io.penstock.replication.cluster.ControlPlane;
import io.penstock.replication.partition.PartitionRegistry;
import io.penstock.storage.dir.LogDirectories;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Makes all handlers: the one list of what this node serves. */
final class HandlerTable {

  /** Partitions that all fetch sessions of the node may remember together. */
  private static final int SESSION_PARTITIONS_MAX = 1_000_000;

  /**
   * What handlers stand on.
   *
   * @param files runs what may block on a disk
   * @param cutOff whether this node has heard nothing from the quorum for a session
   * @param pause when producers are asked to wait
   */
  record Services(
      NodeConfig config,
      ControlPlane control,
      LogDirectories directories,
      PartitionRegistry partitions,
      GroupShards groups,
      GroupKinds groupKinds,
      ColdReads coldReads,
      Executor files,
      BooleanSupplier cutOff,
      ProducerPause pause,
      LongSupplier clock,
      MetricRegistry metrics) {

    KnownLeaders knownLeaders() {
      return KnownLeaders.now(control, cutOff);
    }
  }

  private HandlerTable() {}

  static ApiHandlers of(Services services) {
    List<ApiHandler> handlers = new ArrayList<>();
    addData(services, handlers);
    TopicCreation creation =
        new TopicCreation(services.control(), services.partitions()::whenServed, services.config());
    addAdmin(services, creation, handlers);
    addGroups(services, creation, handlers);
    addCluster(services.control(), handlers);
    handlers.add(new ApiVersionsHandler(services.control(), handlers));
    return new ApiHandlers(handlers);
  }

  private static void addData(Services services, List<ApiHandler> handlers) {
    PartitionLookup partitions =
        new PartitionLookup(services.partitions(), services.control()::image);
    FetchSessions sessions =
        new FetchSessions(
            services.config().limits().fetchSessions(), SESSION_PARTITIONS_MAX, services.metrics());
    ProducerIds producerIds =
        new ProducerIds(services.control().nodeId(), services.control()::propose);
    handlers.add(
        new ProduceHandler(
            partitions, services.cutOff(), services.pause(), services.clock(), services.metrics()));
    handlers.add(
        new FetchHandler(
            partitions,
            sessions,
            services.coldReads()::whenResident,
            services.files(),
            services.config().limits().fetchBytes(),
            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
            services.metrics()));
    handlers.add(new ListOffsetsHandler(partitions, services.files()));
    handlers.add(new OffsetForLeaderEpochHandler(partitions));
    handlers.add(new DeleteRecordsHandler(partitions, services.files()));
    handlers.add(new DescribeProducersHandler(partitions));
    handlers.add(new InitProducerIdHandler(producerIds));
  }

  private static void addAdmin(
      Services services, TopicCreation creation, List<ApiHandler> handlers) {
    ControlPlane control = services.control();
    NodeConfig config = services.config();
    handlers.add(new MetadataHandler(control, creation, config.topics(), services::knownLeaders));
    handlers.add(new DescribeTopicPartitionsHandler(services::knownLeaders));
    handlers.add(new DescribeClusterHandler(control, services::knownLeaders));
    handlers.add(new CreateTopicsHandler(creation));
    handlers.add(new DeleteTopicsHandler(control));
    handlers.add(
        new CreatePartitionsHandler(control, services.partitions()::whenServed, config.limits()));
    handlers.add(new DescribeConfigsHandler(control, config));
    handlers.add(new IncrementalAlterConfigsHandler(control, config));
    handlers.add(new AlterConfigsHandler(control, config));
    handlers.add(new DescribeLogDirsHandler(services.directories()::describe, services.files()));
    handlers.add(new ElectLeadersHandler(control));
  }

  private static void addGroups(
      Services services, TopicCreation creation, List<ApiHandler> handlers) {
    Supplier<ClusterImage> image = services.control()::image;
    GroupShards shards = services.groups();
    GroupDeletion deletion = new GroupDeletion(shards, image);
    OffsetsTopicCreation offsetsTopic =
        new OffsetsTopicCreation(
            creation,
            image,
            services.config().cluster().voters().size(),
            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    handlers.add(new FindCoordinatorHandler(services::knownLeaders, offsetsTopic));
    int metadataCharsMax = services.config().groups().offsets().metadataChars();
    handlers.add(new OffsetCommitHandler(new OffsetCommits(shards, image, metadataCharsMax)));
    handlers.add(new OffsetFetchHandler(new OffsetFetches(shards, image)));
    handlers.add(new OffsetDeleteHandler(deletion));
    handlers.add(new ListGroupsHandler(new GroupListing(shards)));
    handlers.add(new DeleteGroupsHandler(deletion));
    handlers.add(new JoinGroupHandler(shards, services.groupKinds().classic()));
    handlers.add(new SyncGroupHandler(shards));
    handlers.add(new HeartbeatHandler(shards));
    handlers.add(new LeaveGroupHandler(shards));
    handlers.add(new DescribeGroupsHandler(shards));
    handlers.add(new ConsumerGroupHeartbeatHandler(shards, services.groupKinds()));
    handlers.add(new ConsumerGroupDescribeHandler(shards));
  }

  private static void addCluster(ControlPlane control, List<ApiHandler> handlers) {
    handlers.add(new DescribeQuorumHandler(control));
    handlers.add(new AddRaftVoterHandler(control));
    handlers.add(new RemoveRaftVoterHandler(control));
    handlers.add(new UnregisterBrokerHandler(control));
    handlers.add(new UpdateFeaturesHandler(control));
  }
}

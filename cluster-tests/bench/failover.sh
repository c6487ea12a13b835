#!/usr/bin/env bash
# failover.sh [ROUNDS] [FAULT...]: the longest gap between acks when a leader is restarted, killed or paused, or the
# node that decides for the cluster is killed: three nodes with default settings, RF 3, min.insync.replicas 2,
# kafka-clients with acks=all, which have written for a while when it begins. Prints least / middle / most of ROUNDS (10)
# for the partitions that the node led, for those that another one leads, and for all together; a round before them apart,
# in which clients and nodes do this for the first time; and where the gaps of more than 500 ms were.
#   FAULT        restart kill pause decider, all unless said
#   PEER_TOOLS   directory of the tools for the peer: the same against Apache Kafka with its defaults, then with
#                KAFKA_SETTINGS (broker.session.timeout.ms=4000, as Penstock's; empty: not)
#   ONLY         penstock, kafka or kafka-session: one of them alone
#   RATE         records per second (2000)
#   CLUSTER_SETTINGS  of Penstock, such as '  stall-timeout: off': by default a paused node ends, as it was started the
#                     way systemd would, and is started again
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
rounds=${1:-10}
shift || true
faults=("$@")
[[ $# -gt 0 ]] || faults=(restart kill pause decider)

measure() { # NAME DIR RESTART...
  local fault
  for fault in "${faults[@]}"; do
    echo "== $1, $fault, $rounds rounds, load $(cut -d' ' -f1-3 /proc/loadavg), $(date +%T)"
    program Failover "$(<"$2/bootstrap")" "$2/pids" "$fault" "$rounds" "${RATE:-2000}" "${@:3}" || echo "FAILED"
  done
}

wanted() {
  [[ -z "${ONLY:-}" || "$ONLY" = "$1" ]]
}

if wanted penstock; then
  start_cluster
  measure penstock "$cluster" "$here/bench/node.sh" "$cluster"
  stop_penstock
fi
if [[ -n "$peer" ]] && wanted kafka; then
  start_kafka
  measure kafka "$kafka" bash "$peer/kafka-node.sh" "$kafka"
  stop_kafka
fi
settings=${KAFKA_SETTINGS-broker.session.timeout.ms=4000}
if [[ -n "$peer" && -n "$settings" ]] && wanted kafka-session; then
  start_kafka "$settings"
  measure "kafka with $settings" "$kafka" bash "$peer/kafka-node.sh" "$kafka"
  stop_kafka
fi

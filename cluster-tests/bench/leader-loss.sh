#!/usr/bin/env bash
# leader-loss.sh [ROUNDS]: milliseconds until a topic can be created again after the leader of either group was
# killed or paused. Runs LeaderLossTest at that size and prints its figures.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mvn -B -ntp verify -pl cluster-tests -am -Dtest=LeaderLossTest -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dpenstock.cluster.rounds=${1:-20}" >"$log" 2>&1 || { cat "$log" && exit 1; }
grep -E ' ms( |$|,)' "$log"

#!/usr/bin/env bash
# fencing.sh [PARTITIONS]: milliseconds until a broker with so many partitions is fenced after kill -9 and after
# SIGSTOP, and until every node shows new leaders for all of them; and how long creating them takes. Runs
# FencingTest at that size and prints its figures.
set -euo pipefail
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mvn -B -ntp verify -pl cluster-tests -am -Dtest=FencingTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dpenstock.cluster.long=true "-Dpenstock.cluster.partitions=${1:-10000}" >"$log" 2>&1 || { cat "$log" && exit 1; }
grep -E ' ms( |$|,)' "$log"

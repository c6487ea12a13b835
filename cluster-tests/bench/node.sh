#!/usr/bin/env bash
# node.sh DIR NODE: starts a node of a cluster that cluster.sh laid out in DIR, again or for the first time, and
# writes its process id to DIR/pids. Does not wait until it is up. Starts it as systemd would, which says whom it
# started: who ends a node here starts it again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
directory=$1
node=$2
home=$(find "$here/../node/target" -maxdepth 1 -type d -name 'penstock-*' | head -1)
cd "$directory/node$node"
setsid bash -c 'SYSTEMD_EXEC_PID=$$ exec "$@"' penstock-service \
  "$home/bin/penstock" server --config "$directory/node$node/penstock.yaml" >out 2>>err </dev/null &
awk -v node="$node" -v pid=$! '$2 == node {$1 = pid} {print}' "$directory/pids" >"$directory/pids.new"
mv "$directory/pids.new" "$directory/pids"
echo "node $node pid $!"

#!/usr/bin/env bash
# offsets-load.sh [OFFSETS] [ROUNDS]: how long a broker takes to know OFFSETS (1 000 000) committed offsets again after
# kill -9, spread over the 50 partitions of __consumer_offsets, and all in one of them, ROUNDS (3) times each: until it
# answers anything, and until it has answered one offset of every group. Afterwards all of them are read.
#   PEER_TOOLS     directory of the tools for the peer: the same of Apache Kafka
#   PENSTOCK_HEAP  1g, as Kafka has here: of the default heap, offsets may take no more than for 300 000 of them
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
offsets=${1:-1000000}
rounds=${2:-3}
kafka_nodes=1
export PENSTOCK_HEAP=${PENSTOCK_HEAP:-1g}

kill_penstock() {
  kill -KILL "$broker_pid"
  wait "$broker_pid" 2>/dev/null || true
}

start_penstock() {
  start_broker "$port"
}

kill_kafka() {
  local pid
  pid=$(pid_of "$kafka" 1)
  kill -KILL "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

start_kafka_again() {
  bash "$peer/kafka-node.sh" "$kafka" 1 >/dev/null
}

measure() { # NAME ADDRESS how-spread KILL START
  program ManyOffsets fill "$2" "$offsets" "$3" | sed "s/^/$1, $3: /"
  for _ in $(seq "$rounds"); do
    "$4"
    program_behind ManyOffsets first "$2" "$offsets" "$3" "$(($(date +%s%N) + 2000000000))" >"$work/told"
    sleep 2 # the program is up and polls when the broker starts
    "$5"
    wait "$loader"
    loader=""
    sed "s/^/$1, $3, $(now): /" "$work/told"
    sleep 3 # what it says of its loading is written
  done
  program ManyOffsets verify "$2" "$offsets" "$3" | sed "s/^/$1, $3: /"
}

port=$(free_port)
for how in spread one; do
  start_broker "$port"
  measure penstock "127.0.0.1:$port" "$how" kill_penstock start_penstock
  sed -n 's/.*Groups loaded: .*offsets=\([0-9]*\) ms=\([0-9]*\)$/\1 \2/p' "$work/err" |
    awk -v how="$how" -v memory="$(resident_mib)" '{sum += $1; ms += $2; most = $2 > most ? $2 : most}
      END {print "penstock, " how ": says " sum " offsets in " NR " partitions, ms " ms " in all, " most " at most; " memory " MiB"}'
  stop_broker
  rm -rf "$work/data"
  [[ -n "$peer" ]] || continue
  start_kafka
  measure kafka "$(<"$kafka/bootstrap")" "$how" kill_kafka start_kafka_again
  grep -h -o 'Finished loading of metadata from __consumer_offsets.* in [0-9]* milliseconds' "$kafka"/node1/server.log |
    sed 's/.* in \([0-9]*\) milliseconds/\1/' | sort -n | tail -1 | sed "s/^/kafka, $how: says for a partition, at most, ms /" || true
  stop_kafka
done

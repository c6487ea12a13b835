#!/usr/bin/env bash
# replication-calls.sh [MIB]: which system calls move records from a leader to its followers. Writes MIB (256) with
# acks=all to one partition of RF 3, under strace; then lists what the leader called to send from a segment and to read
# one, and what a follower called to write one, beside its requests to the leader. Needs strace.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
mib=${1:-256}
start_cluster
load partitions "$bootstrap" copied 1 3
load produce "$bootstrap" copied 64 1 # what is compiled and mapped first is not looked at
leader=$("$home/bin/penstock" topics describe copied --bootstrap "${bootstrap%%,*}" | sed -n 's/.*leader[ =:]*\([0-9]*\).*/\1/p' | head -1)
leader=${leader:-1}
follower=$((leader % 3 + 1))
echo "node $leader leads, node $follower follows"

trace() { # NODE FILE
  strace -f -yy -e trace=sendfile,splice,read,pread64,preadv,preadv2,readv,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg \
    -p "$(pid_of "$cluster" "$1")" -o "$2" 2>/dev/null &
}
calls() { # FILE PATTERN: calls of lines that match, by name
  grep -E "$2" "$1" | sed -E 's/^[0-9]+ +//; s/^<\.\.\. ([a-z0-9]+) resumed.*= /\1(= /' |
    awk '{name = $0; sub(/\(.*/, "", name); calls[name]++; if ($NF ~ /^[0-9]+$/) bytes[name] += $NF}
      END {for (name in calls) printf "  %-10s %8d calls %12d bytes\n", name, calls[name], bytes[name]}'
}

trace "$leader" "$work/leader"
first=$!
trace "$follower" "$work/follower"
second=$!
sleep 3
load produce "$bootstrap" copied "$mib" 1
sleep 1
kill -INT "$first" "$second"
wait "$first" "$second" || true
peer_port=$(sed -n 's/^  address: 127.0.0.1:\([0-9]*\)$/\1/p' "$cluster/node$leader/penstock.yaml" | tail -1)
echo "leader, calls that name a segment (to send: sendfile and splice; anything else reads):"
calls "$work/leader" '\.log>'
echo "follower, calls that name a segment:"
calls "$work/follower" '\.log>'
echo "follower, requests to the leader's listener for peers (fetches, and a few heartbeats):"
calls "$work/follower" "^[0-9]+ +(write|writev|sendto|sendmsg)\([0-9]+<TCP.*->[^>]*:$peer_port\]"

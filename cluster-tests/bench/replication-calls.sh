#!/usr/bin/env bash
# replication-calls.sh [MIB]: which system calls move records from a leader to its followers. Writes MIB (256) with
# acks=all to one partition of RF 3, under strace; then lists what the leader called to send from a segment and to read
# one, and what a follower called to write one, beside its requests to the leader: how many writes stand between one
# fetch and the next. Needs strace.
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
calls() { # FILE SEGMENTS|PORT: calls that name a segment, or connections to a port, by name, and by connection
  python3 - "$1" "$2" <<'END'
import collections, re, sys
segments = sys.argv[2] == "segments"
to_port = re.compile(r"^\w+\(\d+<TCP\w*:\[(\S*->\S*:%s)\]>" % sys.argv[2])
begun, found, sequence = {}, collections.defaultdict(lambda: [0, 0]), []
for line in open(sys.argv[1], errors="replace"):
    pid, _, call = line.strip().partition(" ")
    call = call.strip()
    if call.endswith("<unfinished ...>"):
        begun[pid] = call[: -len("<unfinished ...>")]
        continue
    resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", call)
    if resumed:
        call = begun.pop(pid, "") + resumed.group(1)
    result = re.search(r"= (\d+)$", call)
    connection = None if segments else to_port.match(call)
    if not result:
        continue
    if ".log>" in call:
        sequence.append(None)
    elif connection:
        sequence.append(connection.group(1))
    if connection or segments and ".log>" in call:
        name = call.split("(")[0] + (f" {connection.group(1)}" if connection else "")
        found[name][0] += 1
        found[name][1] += int(result.group(1))
for name, (count, size) in sorted(found.items(), key=lambda one: -one[1][0])[:6]:
    print(f"  {name:66} {count:7} calls {size:12} bytes")
asked = collections.Counter(one for one in sequence if one).most_common(1)
if asked:
    between, writes = collections.Counter(), 0
    for one in sequence:
        if one is None:
            writes += 1
        elif one == asked[0][0]:
            between[writes] += 1
            writes = 0
    told = ", ".join(f"{count} times {writes}" for writes, count in sorted(between.items()))
    print(f"  writes to the segment between one request on the first of these and the next: {told}")
END
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
calls "$work/leader" segments
echo "follower, calls that name a segment:"
calls "$work/follower" segments
echo "follower, what it sent to the leader's listener for peers, by connection (one of them carries the fetches):"
calls "$work/follower" "$peer_port"

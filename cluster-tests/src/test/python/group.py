# group.py BOOTSTRAP TOPIC: members of a kafka-python consumer group come and leave while records are produced; each
# record has to be processed once, and a later member of the group has to find nothing left.
import sys
import threading
import time
from collections import Counter

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

BOOTSTRAP, TOPIC = sys.argv[1:]
GROUP = TOPIC + "-group"
PARTITIONS = 4
ROUND = 400
PATIENCE_S = 40

seen = Counter()
lock = threading.Lock()


class Member(threading.Thread):
    """Processes what it polls and commits it before it polls again, so it may be told to leave at any time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.told = threading.Event()
        self.error = None
        self.start()

    def run(self):
        try:
            consumer = KafkaConsumer(
                TOPIC,
                bootstrap_servers=BOOTSTRAP,
                group_id=GROUP,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                session_timeout_ms=6000,
                heartbeat_interval_ms=500,
                max_poll_interval_ms=10000,
            )
            while not self.told.is_set():
                batches = consumer.poll(timeout_ms=100)
                with lock:
                    seen.update((at.partition, record.offset) for at, records in batches.items() for record in records)
                if batches:
                    consumer.commit()
            consumer.close(autocommit=False)
        except Exception as error:
            self.error = error

    def check(self):
        if self.error:
            raise self.error

    def leave(self):
        self.told.set()
        self.join(PATIENCE_S)
        assert not self.is_alive(), "a member does not leave"
        self.check()


def until(condition, what, members):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        for member in members:
            member.check()
        assert time.monotonic() < deadline, f"{what}: {len(seen)} processed"
        time.sleep(0.05)
    print(f"{what}: {len(seen)} processed", flush=True)


def main():
    admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all")
    admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    produced = 0

    def produce():
        nonlocal produced
        sent = [producer.send(TOPIC, b"value %d" % i, partition=i % PARTITIONS) for i in range(ROUND)]
        for each in sent:
            each.get(PATIENCE_S)
        produced += ROUND

    def processed():
        with lock:
            return len(seen) == produced

    def stable(members):
        group = admin.describe_consumer_groups([GROUP])[0]
        return group.state == "Stable" and len(group.members) == members

    first = Member()
    produce()
    until(processed, "one member", [first])
    second = Member()
    until(lambda: stable(2), "two members are stable", [first, second])
    produce()
    until(processed, "two members", [first, second])
    first.leave()
    until(lambda: stable(1), "the first has left", [second])
    produce()
    until(processed, "the second alone", [second])
    second.leave()
    committed = sum(each.offset for each in admin.list_consumer_group_offsets(GROUP).values())
    assert committed == produced, f"{committed} committed of {produced}"
    third = Member()
    until(lambda: stable(1), "a third has come", [third])
    produce()
    until(processed, "the third", [third])
    third.leave()
    again = {place: times for place, times in seen.items() if times != 1}
    assert not again, f"processed more than once: {again}"


main()

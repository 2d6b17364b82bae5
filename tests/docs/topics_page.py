"""The page of the topics, made from `topics/*.yaml`: `python -m tests.docs.topics_page`."""

from pathlib import Path
from typing import Final

from tierlane.stream.catalogue import TopicSpec, catalogue, partition_groups

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "topics.md"
DAY: Final = 86_400_000
HEAD: Final = """\
# Topics

Made from `topics/*.yaml`; a test holds it equal. `tierlane topics apply` creates what is missing and
changes nothing that is there; `tierlane topics check` says what differs. The setting `prefix` stands
before every name.

| topic | holds | key | cleanup | kept | largest record |
|---|---|---|---|---|---|
"""
TAIL: Final = """
Every topic is created with {partitions} partitions, the replication factor that is the brokers'
default, and `message.timestamp.type=LogAppendTime`: the time of the log is the `seen` clock of
[clocks](../concepts/clocks.md).

Every worker reads `advisor.directory` whole and follows it; one without any record says nothing of anybody.

## Equally many partitions

An owner reads the same partition number of several topics. These must have the same number of
partitions, and a worker refuses to start where they have not:

{groups}

## Keys

A record with a key lies on the partition that murmur2 gives, as Java's client and aiokafka have it by
default. librdkafka's default is another one; a producer built on it (confluent-kafka among them) must
set `partitioner=murmur2_random`. Records elsewhere are served and counted as `misplaced`; two events
of one customer on two partitions meet two owners, who do not know of each other.

All events of a contact carry the key of its arrival, also after the customer has become known.
"""


def kept(spec: TopicSpec) -> str:
    if spec.cleanup == "compact":
        lag = spec.config.get("min.compaction.lag.ms")
        return f"the last value, all for {int(lag) // DAY} days" if lag else "the last value"
    return f"{spec.retention // DAY} days" if spec.retention else "the brokers' default"


def largest(spec: TopicSpec) -> str:
    size = spec.config.get("max.message.bytes")
    return f"{int(size) >> 20} MiB" if size else "the brokers' default"


def page() -> str:
    specs = catalogue().values()
    rows = [
        f"| `{spec.name}` | {spec.about} | {spec.key} | {spec.cleanup} | {kept(spec)} "
        f"| {largest(spec)} |"
        for spec in specs
    ]
    groups = [
        f"- {word}: " + ", ".join(f"`{name}`" for name in names)
        for word, names in partition_groups(catalogue()).items()
    ]
    (partitions,) = {spec.partitions for spec in specs}
    return (
        HEAD + "\n".join(rows) + "\n" + TAIL.format(partitions=partitions, groups="\n".join(groups))
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

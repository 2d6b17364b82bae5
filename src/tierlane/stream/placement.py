"""Whether keys lie on the partition that murmur2 gives them."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from aiokafka.structs import TopicPartition

from tierlane.ports import Record
from tierlane.stream.catalogue import catalogue
from tierlane.stream.murmur import hashes
from tierlane.stream.provision import admin, counts
from tierlane.stream.reader import last_records
from tierlane.stream.settings import Settings
from tierlane.topic import DESK_INPUTS, INTAKE_INPUTS

SAMPLE: Final = 500
"""Records looked at on each partition, the latest ones."""


def misplaced(records: Sequence[Record], partition: int, partitions: int) -> int:
    """Count records of a partition whose key belongs on another; those without a key do not."""
    keys = [record.key for record in records if record.key]
    return sum(number % partitions != partition for number in hashes(keys))


async def sample_inputs(settings: Settings, there: Collection[str]) -> list[dict[str, Any]]:
    """Look at the latest keys of each input topic that is there; one row a topic."""
    inputs = [name for name in catalogue() if name in (*INTAKE_INPUTS, *DESK_INPUTS)]
    names = [name for name in map(settings.topic, inputs) if name in there]
    async with admin(settings) as client:
        partitions = await counts(client, names)
    found: dict[str, dict[str, Any]] = {
        name: {"topic": name, "keys": 0, "misplaced": 0} for name in names
    }

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        row = found[place.topic]
        row["keys"] += sum(bool(record.key) for record in records)
        row["misplaced"] += misplaced(records, place.partition, partitions[place.topic])

    places = [TopicPartition(name, n) for name, count in partitions.items() for n in range(count)]
    await last_records(settings, places, SAMPLE, take)
    return list(found.values())

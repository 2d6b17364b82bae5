"""How a peer answers in the Full row: by tierlane's own Intake, called from the peer's loop."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from benchmarks.peer.task import Taken
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.ports import Record
from tierlane.routing.effect import Output
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place
from tierlane.stream.profile_store import MemoryProfiles
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES

MASK_KEY = "the benchmark's own mask key"
"""Keys the receipts of masked inputs, here and in the worker, so that their records are equal."""


def intakes(policy: Path, profiles: Iterable[bytes], partitions: int) -> list[Intake]:
    """Return an Intake for each partition, its profiles loaded and its policy active."""
    revision = compile_policy(policy.read_text(), str(policy))
    by_partition: list[list[Record]] = [[] for _ in range(partitions)]
    for value in profiles:
        key = orjson.loads(value)["subject"].encode()
        number = place(key, partitions)
        mine = by_partition[number]
        mine.append(Taken(CUSTOMER_PROFILES, number, len(mine), 0, key, value))
    made = []
    for number, records in enumerate(by_partition):
        intake = Intake(
            partition=number,
            deployment="d1",
            revision=revision,
            profiles=MemoryProfiles(),
            mask=Mask(MASK_KEY.encode()),
        )
        intake.load_profiles(records)
        intake.activate(revision, 0)
        intake.commit()
        made.append(intake)
    return made


class Deciding:
    """Decides records; state is kept in memory only, no changelog is written."""

    def __init__(self, policy: Path, profiles: str, partitions: int) -> None:
        lines = Path(profiles).read_bytes().splitlines() if profiles else []
        self._intakes = intakes(policy, lines, partitions)

    def each(self, records: Sequence[Record]) -> Iterable[Output]:
        """Decide records of one partition, in order."""
        intake = self._intakes[records[0].partition]
        outputs = intake.on_records(CONTACT_EVENTS, records).outputs
        intake.commit()
        return outputs

    def one(
        self, key: bytes | None, value: bytes, partition: int, offset: int, seen: int
    ) -> Iterable[Output]:
        """Decide one record."""
        return self.each((Taken(CONTACT_EVENTS, partition, offset, seen, key, value),))

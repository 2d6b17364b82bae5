"""Bringing owners to where their partition stands: state from the changelog, then profiles."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import structlog
from aiokafka.structs import TopicPartition

from tierlane.ports import Record
from tierlane.stream.ground import Ground
from tierlane.stream.machine import ProfileMachine
from tierlane.stream.profile_store import LoadedProfiles, open_store
from tierlane.stream.reader import read_to_end

if TYPE_CHECKING:
    from tierlane.stream.owner import Owner

log = structlog.get_logger(__name__)


async def restore(ground: Ground, owners: "Sequence[Owner]") -> None:
    """Give each owner a new machine with the state of its changelog partition.

    Owners must have fenced: only then is nothing being written any more. All partitions are read
    by one consumer.
    """
    begun = time.monotonic()
    items: dict[TopicPartition, dict[bytes, bytes | None]] = {}
    places = {
        ground.places([owner.kind.changelog], owner.partition)[owner.kind.changelog]: owner
        for owner in owners
    }
    for place in places:
        items[place] = {}

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        kept = items[place]
        for record in records:
            if record.key is not None:
                kept[record.key] = record.value

    await read_to_end(ground.settings, dict.fromkeys(places, 0), take)
    for place, owner in places.items():
        if not hasattr(owner, "profiles"):
            owner.profiles = _store(ground, owner)
        machine = owner.kind.factory(partition=owner.partition, profiles=owner.profiles)
        machine.restore(items[place].items())
        owner.writing.machine = machine
        ground.metrics.restored.inc()
    log.info(
        "state restored",
        owners=[owner.name for owner in owners],
        keys=sum(map(len, items.values())),
        seconds=round(time.monotonic() - begun, 3),
    )


def _store(ground: Ground, owner: "Owner") -> LoadedProfiles:
    settings = ground.settings
    kind = settings.profile_store if owner.kind.profiles else "memory"
    return open_store(kind, ground.folder, settings.deployment, owner.partition)


async def load_profiles(ground: Ground, owners: "Sequence[Owner]") -> None:
    """Read each owner's profiles to the end, so that no contact is decided before its profile.

    The same records come once more through the owner's batches, from its committed offset on:
    there they count, are audited and rejected; here they only fill the store.
    """
    begun = time.monotonic()
    places: dict[TopicPartition, Owner] = {}
    for owner in owners:
        if owner.kind.profiles is not None:
            places[owner.places[owner.kind.profiles]] = owner
    count = 0

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        nonlocal count
        count += len(records)
        cast(ProfileMachine, places[place].writing.machine).load_profiles(records)

    starts = {place: owner.profiles.next_offset() for place, owner in places.items()}
    ends = await read_to_end(ground.settings, starts, take)
    for place, end in ends.items():
        places[place].profiles.read_to(end)
    log.info("profiles loaded", records=count, seconds=round(time.monotonic() - begun, 3))

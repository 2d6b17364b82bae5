"""The topics of `topics/*.yaml`, made with few partitions for a test."""

from tests.broker.log import Log
from tierlane.stream.catalogue import catalogue

CREATE_TIME = {"message.timestamp.type": "CreateTime"}


async def create_topics(log: Log, partitions: int = 4, *, own_times: bool = False) -> None:
    """Create every topic; `own_times`: the inputs keep the times their records are written with."""
    settings = {name: spec.settings() for name, spec in catalogue().items()}
    if own_times:
        for name in ("contact.events", "customer.profiles"):
            settings[name] |= CREATE_TIME
    await log.create(settings, partitions)

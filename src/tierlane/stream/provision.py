"""Creating topics, and comparing those that are there with what is needed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from tierlane.errors import TopicError
from tierlane.stream.catalogue import TopicSpec, catalogue, partition_groups
from tierlane.stream.security import client_options, unreachable
from tierlane.stream.settings import Settings

KNOWN: Final = 10.0
"""Seconds for a created topic to be known to every broker."""

SETTLING: Final = 2.0
"""Seconds before a worker takes a topic for missing."""

REPLICATION: Final = -1
"""The brokers' own default."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """How a topic compares with its description."""

    name: str
    """As the brokers know it."""
    state: str
    """`fine`, `created`, `missing` or `differs`."""
    partitions: int
    """0 where it is missing."""
    differences: tuple[str, ...] = ()
    """Such as `cleanup.policy is delete, not compact`."""


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a connected admin client; raises BrokerError where no broker answers."""
    client = AIOKafkaAdminClient(**client_options(settings))
    try:
        await client.start()
    except KafkaConnectionError:
        await client.close()
        raise unreachable(settings) from None
    try:
        yield client
    finally:
        await client.close()


async def counts(client: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    """Return the number of partitions of those topics that are there."""
    wanted = set(names)
    there = wanted & set(await client.list_topics())
    if not there:
        return {}
    described = await client.describe_topics(sorted(there))
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


async def apply(
    settings: Settings, partitions: int | None = None, names: Iterable[str] | None = None
) -> list[TopicState]:
    """Create the topics that are missing, and compare the others; nothing is changed."""
    specs = [catalogue()[name] for name in (names or catalogue())]
    async with admin(settings) as client:
        there = await counts(client, (settings.topic(spec.name) for spec in specs))
        missing = [spec for spec in specs if settings.topic(spec.name) not in there]
        created = await _create(client, settings, missing, partitions)
        await _await_all(client, [settings.topic(spec.name) for spec in specs])
        states = await _compare(client, settings, specs, partitions)
    return [
        TopicState(state.name, "created", state.partitions) if state.name in created else state
        for state in states
    ]


async def _create(
    client: AIOKafkaAdminClient,
    settings: Settings,
    specs: Sequence[TopicSpec],
    partitions: int | None,
) -> set[str]:
    """Create topics; return those that were not there yet."""
    if not specs:
        return set()
    topics = [
        NewTopic(
            settings.topic(spec.name),
            partitions or spec.partitions,
            REPLICATION,
            replica_assignments={},  # aiokafka refuses -1 without it
            topic_configs=spec.settings(),
        )
        for spec in specs
    ]
    answer = await client.create_topics(topics)
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        # Several workers may start at once with --create-topics.
        if code and error is not TopicAlreadyExistsError:
            raise TopicError(f"topic `{name}` cannot be created: {error.__name__}")
    return {name for name, code, *_ in answer.topic_errors if not code}


async def _await_all(
    client: AIOKafkaAdminClient, names: Sequence[str], seconds: float = KNOWN
) -> None:
    """Wait until the broker that is asked knows the topics: it learns of them a little later."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if len(await counts(client, names)) == len(names):
            return
        await asyncio.sleep(0.05)


async def check(
    settings: Settings, partitions: int | None = None, names: Iterable[str] | None = None
) -> list[TopicState]:
    """Compare the topics with their descriptions."""
    specs = [catalogue()[name] for name in (names or catalogue())]
    async with admin(settings) as client:
        return await _compare(client, settings, specs, partitions)


async def _compare(
    client: AIOKafkaAdminClient,
    settings: Settings,
    specs: Sequence[TopicSpec],
    partitions: int | None,
) -> list[TopicState]:
    there = await counts(client, (settings.topic(spec.name) for spec in specs))
    configs = await _configs(client, list(there))
    states = []
    for spec in specs:
        name = settings.topic(spec.name)
        if name not in there:
            states.append(TopicState(name, "missing", 0))
            continue
        differences = list(_differences(spec.settings(), configs.get(name, {})))
        if partitions is not None and there[name] != partitions:
            differences.append(f"partitions is {there[name]}, not {partitions}")
        state = "differs" if differences else "fine"
        states.append(TopicState(name, state, there[name], tuple(differences)))
    return states


def _differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterable[str]:
    for key, value in wanted.items():
        # A broker that does not tell a setting, as an embedded one, is not held to it.
        if key in found and found[key] != value:
            yield f"{key} is {found[key]}, not {value}"


async def _configs(client: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        answers = await client.describe_configs(resources)
    except KafkaError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for code, _, _, name, entries in answer.resources:
            if not code:
                found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def prepare(settings: Settings, names: Sequence[str]) -> dict[str, int]:
    """See to it that a worker's topics are there; return their partitions by plain name.

    Raises TopicError, with what to do, where topics are missing and may not be created, and where
    topics that must have equally many partitions have not.
    """
    if settings.create_topics:
        await apply(settings, names=names)
    wanted = [settings.topic(name) for name in names]
    async with admin(settings) as client:
        # Topics may have been created a moment ago, by `topics apply` or by another worker.
        await _await_all(client, wanted, SETTLING)
        there = await counts(client, wanted)
    missing = [settings.topic(name) for name in names if settings.topic(name) not in there]
    if missing:
        raise TopicError(
            "topics are missing: " + ", ".join(f"`{name}`" for name in missing),
            hint=f"run `{_command(settings)}`, or start the worker with --create-topics",
        )
    found = {name: there[settings.topic(name)] for name in names}
    refuse_unequal(found)
    return found


def refuse_unequal(partitions: Mapping[str, int]) -> None:
    """Raise TopicError where topics that belong together have unequal numbers of partitions."""
    for names in partition_groups(partitions).values():
        if len({partitions[name] for name in names}) > 1:
            listed = ", ".join(f"`{name}` {partitions[name]}" for name in names)
            raise TopicError(
                f"topics that are read together have unequal numbers of partitions: {listed}",
                hint="an owner reads the same partition of each, so create those with fewer anew "
                "with as many as the largest; adding partitions would move keys away from "
                "their state",
            )


def _command(settings: Settings) -> str:
    prefix = f"TIERLANE_PREFIX={settings.prefix} " if settings.prefix else ""
    return f"{prefix}tierlane topics apply --brokers {settings.brokers}"


def rows(states: Iterable[TopicState]) -> list[dict[str, Any]]:
    """Return states as plain rows, for a table or JSON."""
    return [
        {
            "topic": state.name,
            "state": state.state,
            "partitions": state.partitions,
            "differences": list(state.differences),
        }
        for state in states
    ]

"""The policy that a worker goes by: its file's until the name is published, then what is live.

Each worker reads `policy.revisions` for itself, outside the group, and compiles in a thread, so
that contacts are decided meanwhile. What cannot be used changes nothing: the last good revision
stays, readiness and metrics say why, and no record is lost. Owners take a revision up between two
batches of theirs (`Owner`).
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

import structlog
from aiokafka.errors import ConsumerStoppedError, KafkaError
from aiokafka.structs import TopicPartition

from tierlane.errors import Unreadable, UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.finding import PolicyError
from tierlane.policy.publish.publication import (
    FROM_FILE,
    Kept,
    Publication,
    Standing,
    find_in,
    source_of,
)
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.intake import Intake
from tierlane.stream.directory import Listing
from tierlane.stream.ground import Ground
from tierlane.stream.machine import Machine
from tierlane.stream.metric import Metrics
from tierlane.stream.reader import consumer_of, read_to_end
from tierlane.stream.revisions import Revisions
from tierlane.stream.settings import Settings
from tierlane.topic import ADVISOR_DIRECTORY, POLICY_REVISIONS

log = structlog.get_logger(__name__)

LOOK_MS: Final = 200
"""How long a look at the topic waits; with a marker last, so long until its end is seen."""

WAIT_MS: Final = 500
"""How long brokers keep a fetch that finds nothing; a record ends the wait."""

PATIENCE: Final = 60.0
"""Seconds that compiling may take, and that owners wait for what was just published."""

AGAIN: Final = 1.0
"""Seconds before the topic is looked at again after a fault."""

CACHED: Final = 4
"""Compiled revisions that are kept, for a rollback or a shadow that becomes live."""


class Used(NamedTuple):
    """A revision in use, and how it was published."""

    revision: Revision
    publication: Publication = FROM_FILE
    published: bool = False
    """Whether it was published, and is not just the worker's file."""


class Refused(NamedTuple):
    """A revision that cannot be used."""

    name: str
    why: str


class Following:
    """Follows one policy."""

    def __init__(self, settings: Settings, file: Revision | None) -> None:
        """`file` is the revision of the policy file; None where the worker was given none."""
        self._settings = settings
        self.listing = Listing(settings)
        """The directory of advisors, which intakes look up beside the policy."""
        self._file = file
        self._name = settings.policy_name or (file.name if file else "")
        self._revisions = Revisions(settings)
        self._live = Used(file) if file else None
        self._shadow: Revision | None = None
        self._refused: dict[str, Refused] = {}
        self._compiled: dict[str, Revision] = {}
        self._failed: dict[tuple[str, object], str] = {}
        self._pinned: dict[str, Revision] = {}
        """Revisions before, by which contacts at desks were decided."""
        self._absent: set[str] = set()
        self._read: dict[TopicPartition, int] = {}
        self._known: dict[TopicPartition, int] = {}
        self._moved = asyncio.Event()
        self._consumer: Any = None
        self._task: asyncio.Task[None] | None = None
        self._metrics: Metrics | None = None
        self._changed: Callable[[], None] = lambda: None

    @property
    def revision(self) -> Revision:
        """The revision to decide by; `start` has seen to it that there is one."""
        assert self._live is not None  # noqa: S101  # start raises without one
        return self._live.revision

    @property
    def shadow(self) -> Revision | None:
        """The revision to ask beside it."""
        return self._shadow

    # -- as owners see it

    def due(self, machine: Machine) -> bool:
        """Tell whether a revision, a shadow or contacts that wait are to be taken up."""
        assert isinstance(machine, Intake)  # noqa: S101  # no other kind follows a policy
        return machine.rerouting or machine.shadow is not self._shadow or self.activates(machine)

    def activates(self, machine: Intake | Desk) -> bool:
        """Tell whether a machine is to take up the revision in use."""
        if self._live is None:
            return False
        revision = self._live.revision
        if revision is not machine.revision:
            return True
        # That of a file is audited with the first record, for there may never be one.
        told = isinstance(machine, Intake) or machine.tells
        return told and self._live.published and machine.active != (revision.name, revision.hash)

    @property
    def used(self) -> Used:
        """The revision in use, and how it was published."""
        assert self._live is not None  # noqa: S101  # start raises without one
        return self._live

    def find(self, revision: str) -> Revision | None:
        """Return a revision that was compiled here, by its hash."""
        for one in (self._live and self._live.revision, self._file, self._shadow):
            if one is not None and one.hash == revision:
                return one
        return self._compiled.get(revision) or self._pinned.get(revision)

    async def equip(self, revision: str) -> bool:
        """Compile a revision that contacts were decided by; wait a while for its document.

        Tells whether it can be found now. One that did not come is not waited for again.
        """
        ends = time.monotonic() + PATIENCE
        while self.find(revision) is None:
            if self._task is None or revision in self._absent:
                return False
            found = None
            if self._revisions.place(self._name, revision) is not None:
                found = await self._load(revision)
            if isinstance(found, Revision):
                self._pinned[revision] = found
            elif time.monotonic() > ends:
                log.warning("a revision that contacts were decided by is missing", hash=revision)
                self._absent.add(revision)
                return False
            else:
                await asyncio.sleep(LOOK_MS / 1000)
        return True

    def make(self, machine: Machine, now: int) -> Effects:
        """Have a machine take up what holds now, and look at some of the contacts that wait."""
        assert isinstance(machine, Intake)  # noqa: S101  # no other kind follows a policy
        effects = Effects()
        if machine.shadow is not self._shadow:
            machine.set_shadow(self._shadow)
        if self._live is not None and self.activates(machine):
            effects.add(machine.activate(self._live.revision, now, self._live.publication))
        if machine.rerouting:
            effects.add(machine.reroute(now))
        return effects

    def troubles(self) -> list[str]:
        """Return what was published and cannot be used."""
        return [
            f"{role} policy `{one.name}` cannot be used: {one.why}"
            for role, one in sorted(self._refused.items())
        ]

    # -- life

    async def start(self, ground: Ground, changed: Callable[[], None]) -> None:
        """Read the topic whole and follow it; see `Change`. Pinned, the file holds for good.

        Raises `UsageError` without a policy, `PolicyError` or it where none can be used.
        """
        self._metrics = ground.metrics
        await self.listing.start(ground.partitions[ADVISOR_DIRECTORY])
        if not self._settings.policy_pinned:
            topic = self._settings.topic(POLICY_REVISIONS)
            starts = {
                TopicPartition(topic, number): 0
                for number in range(ground.partitions[POLICY_REVISIONS])
            }
            self._read = await read_to_end(self._settings, starts, self._revisions.take)
            self._find_name()
            await self._resolve()
            self._known = dict(self._read)
            self._task = asyncio.create_task(self._follow(), name="policy")
        if self._live is None:
            raise UsageError(
                "; ".join(["a worker needs a policy", *self.troubles()]),
                hint="name a file with --policy FILE, or publish one: `tierlane policy publish`",
            )
        self._changed = changed
        self._show()

    async def stop(self) -> None:
        """Follow no longer."""
        await self.listing.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def ready(self) -> None:
        """Return once what was published by now is compiled, or does not get so in time."""
        if self._task is None:
            return
        ends = await self._ends()
        try:
            async with asyncio.timeout(PATIENCE):
                while any(self._known.get(place, 0) < end for place, end in ends.items()):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            log.warning("owners begin before what was published could be compiled")

    async def _ends(self) -> dict[TopicPartition, int]:
        """Return where the topic ends now, by the connection that is there if it is."""
        places = list(self._read)
        ends: dict[TopicPartition, int]
        if self._consumer is not None:
            with contextlib.suppress(ConsumerStoppedError):
                ends = await self._consumer.end_offsets(places)
                return ends
        async with consumer_of(self._settings, places) as consumer:
            ends = await consumer.end_offsets(places)
        return ends

    def _find_name(self) -> None:
        """Settle which policy is followed: where nobody named one, the only one there is."""
        if self._name:
            return
        names = self._revisions.names()
        if len(names) > 1:
            listed = ", ".join(f"`{name}`" for name in names)
            raise UsageError(
                f"several policies are published: {listed}", hint="name one with --policy-name"
            )
        self._name = names[0] if names else ""

    async def _follow(self) -> None:
        while True:
            try:
                async with consumer_of(self._settings, list(self._read), WAIT_MS) as consumer:
                    for place, offset in self._read.items():
                        consumer.seek(place, offset)
                    self._consumer = consumer
                    await self._resolve()
                    while True:
                        await self._look(consumer)
            except (KafkaError, TimeoutError) as error:
                log.warning("the published policy is out of sight", fault=type(error).__name__)
            except Exception:
                log.exception("following the published policy failed")
            self._consumer = None
            await asyncio.sleep(AGAIN)

    async def _look(self, consumer: Any) -> None:
        fetched = await consumer.getmany(timeout_ms=LOOK_MS)
        for place, records in fetched.items():
            self._revisions.take(place, records)
        self._read = {place: await consumer.position(place) for place in self._read}
        if fetched:
            await self._resolve()
        if self._known != self._read:
            self._known = dict(self._read)
            self._moved.set()

    # -- what holds

    async def _resolve(self) -> None:
        """Bring what is in use in line with what is published, as far as that can be used."""
        before = self._live, self._shadow, dict(self._refused)
        standing = self._revisions.standing(self._name)
        if why := self._revisions.unreadable(self._name):
            self._refused["live"] = Refused(self._name, why)
        else:
            self._refused.pop("live", None)
        if standing is not None:
            await self._resolve_live(standing)
            await self._resolve_shadow(standing)
        if before != (self._live, self._shadow, self._refused):
            self._show()
            self._changed()

    async def _resolve_live(self, standing: Standing) -> None:
        wanted = standing.live["live"]
        if wanted is None:
            if self._file is not None:
                self._live = Used(self._file)
            return
        found = await self._load(wanted)
        if isinstance(found, Revision):
            self._live = Used(found, standing.publication, published=True)
            return
        self._refused.setdefault("live", found)
        if self._live is None or not self._live.published:
            await self._fall_back(standing)

    async def _fall_back(self, standing: Standing) -> None:
        """At the start the last good one is the latest before that can be used."""
        for revision in standing.lives()[1:]:
            found = await self._load(revision)
            if isinstance(found, Revision):
                self._live = Used(found, standing.kept_on(revision), published=True)
                return

    async def _resolve_shadow(self, standing: Standing) -> None:
        self._refused.pop("shadow", None)
        wanted = standing.live["shadow"]
        if wanted is None:
            self._shadow = None
            return
        found = await self._load(wanted)
        if isinstance(found, Revision):
            self._shadow = found
            return
        self._refused["shadow"] = found
        if self._shadow is not None and self._shadow.hash != wanted:
            self._shadow = None  # what it says would be taken for the new one's

    async def _load(self, revision: str) -> Revision | Refused:
        """Return a compiled revision, or why there is none; what failed is not tried again."""
        if self._file is not None and (self._file.name, self._file.hash) == (self._name, revision):
            return self._file
        if revision in self._compiled:
            return self._compiled[revision]
        attempt = revision, self._revisions.place(self._name, revision)
        why = self._failed.get(attempt)
        if why is None:
            try:
                return self._keep(revision, await self._compile(revision))
            except Unreadable as error:
                why = error.detail or error.reason
            except PolicyError as error:
                why = _told(error)
            except TimeoutError:
                why = f"it cannot be compiled in {PATIENCE:.0f} s"
            log.error("a published revision cannot be used", revision=revision, why=why)
            self._failed = {attempt: why} | dict(list(self._failed.items())[: CACHED - 1])
        return Refused(f"{self._name}@{revision}", why)

    async def _compile(self, revision: str) -> Revision:
        kept = await self._revisions.document(self._name, revision)
        async with asyncio.timeout(PATIENCE):
            found = await _aside(lambda: _compiled(kept))
        if (found.name, found.hash) != (self._name, revision):
            raise Unreadable("wrong-digest", "the document is not what its name says")
        return found

    def _keep(self, revision: str, found: Revision) -> Revision:
        used = {self._live.revision.hash if self._live else "", self._shadow and self._shadow.hash}
        others = [one for one in self._compiled if one not in used]
        for old in others[: max(0, len(self._compiled) - CACHED + 1)]:
            del self._compiled[old]
        self._compiled[revision] = found
        return found

    def _show(self) -> None:
        """Tell what is in use, in the log and in the metrics."""
        metrics, live = self._metrics, self._live
        if metrics is None or live is None:
            return
        metrics.policy.clear()
        roles = {"live": live.revision, "shadow": self._shadow}
        for role, revision in roles.items():
            if revision is not None:
                metrics.policy.labels(revision.name, revision.hash, role).set(1)
            metrics.refused.labels(role).set(role in self._refused)
        if live.published and self._file is not None and self._file.hash != live.revision.hash:
            log.warning(
                "the published revision holds, not the file",
                published=f"{live.revision.name}@{live.revision.hash}",
                file=f"{self._file.name}@{self._file.hash}",
            )
        log.info(
            "policy in use",
            live=f"{live.revision.name}@{live.revision.hash}",
            shadow=self._shadow and self._shadow.hash,
            published=live.publication.number or None,
        )


def _compiled(kept: Kept) -> Revision:
    return compile_policy(kept["document"].encode(), source_of(kept), find_in(kept))


def _told(error: PolicyError) -> str:
    """Say how many errors there are and what the first is; a policy holds no contact's content."""
    first, *others = error.findings
    more = f", and {len(others)} more" if others else ""
    return f"{first.place}: {first.code}: {first.message}{more}"


def _aside(work: Callable[[], Revision]) -> Coroutine[Any, Any, Revision]:
    """Do it in a thread that nobody waits for at the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Revision] = loop.create_future()

    def settle(done: Callable[[], None]) -> None:
        if not future.done():
            done()

    def run() -> None:
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001  # handed to who asked
            told = error if isinstance(error, PolicyError) else _as_unreadable(error)
            done: Callable[[], None] = lambda: future.set_exception(told)  # noqa: E731
        else:
            done = lambda: future.set_result(found)  # noqa: E731
        with contextlib.suppress(RuntimeError):  # the loop is closed: the worker has ended
            loop.call_soon_threadsafe(settle, done)

    threading.Thread(target=run, name="compile", daemon=True).start()

    async def wait() -> Revision:
        return await future

    return wait()


def _as_unreadable(error: BaseException) -> Unreadable:
    return Unreadable("internal", f"compiling it failed: {type(error).__name__}")

"""Recording: what a source holds, as Parquet files with a manifest that says what they are.

A file a partition: `TOPIC/PARTITION.parquet`. Of the profiles those versions are kept that a
decision names, and those that the audit goes back to; what a decision names and the source no
longer has is counted, and nothing stands in for it. What workers read and never write comes last,
so that Ctrl-C then leaves a shorter range with all that came of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import orjson

from tierlane.audit.record import ENGINE
from tierlane.errors import SourceError, Unreadable, UsageError
from tierlane.ports import Record
from tierlane.replay.heeding import Heeding
from tierlane.replay.source.manifest import FORMAT, MANIFEST, digest_of
from tierlane.replay.source.source import Source
from tierlane.replay.source.table import TableWriter
from tierlane.replay.verify.gathering import TOPICS
from tierlane.replay.verify.hint import AuditEvent, read_audit
from tierlane.topic import (
    ADVISOR_DIRECTORY,
    ADVISOR_EVENTS,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    POLICY_REVISIONS,
    ROUTING_AUDIT,
)

HEARD: Final = frozenset({CONTACT_EVENTS, ADVISOR_EVENTS})
"""What workers read and never write."""

Change = Callable[[Record], Record]
"""What becomes of a record before it is written."""


def record(
    source: Source,
    folder: Path,
    *,
    change: Change | None = None,
    without: str = "",
    told: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Write what a source holds into an empty folder and return the manifest.

    `without` says what `change` takes out. Ctrl-C leaves what was written by then, with a manifest
    that says so. Raises `UsageError` where the folder is not empty, `SourceError` where the source
    cannot be read or is empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"`{folder}` is not empty", hint="a recording gets a folder of its own")
    heeding = Heeding(told)
    recording = _Recording(heeding.source(source), folder, change or _as_it_is)
    recording.audit()
    recording.rest()
    manifest = recording.manifest() | {"without": without, "complete": heeding.complete}
    folder.mkdir(parents=True, exist_ok=True)
    encoded = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    (folder / MANIFEST).write_bytes(encoded + b"\n")
    return manifest


def _as_it_is(record: Record) -> Record:
    return record


class _Recording:
    """The writing of one."""

    def __init__(self, source: Source, folder: Path, change: Change) -> None:
        self._source = source
        self._folder = folder
        self._change = change
        self._ranges: dict[tuple[str, int], list[int]] = {}
        """Topic and partition → first and last offset, and how many records."""
        self._wanted: dict[int, set[int]] = defaultdict(set)
        """Partition → offsets of the profiles that decisions name or the audit goes back to."""
        self._named: dict[int, set[int]] = defaultdict(set)
        self._there: dict[int, set[int]] = defaultdict(set)
        self._revisions: set[str] = set()
        self._documents: set[str] = set()
        self._kinds: Counter[str] = Counter()

    def audit(self) -> None:
        """Write the audit first: it says which profiles are wanted."""
        self._write({ROUTING_AUDIT}, self._look)

    def rest(self) -> None:
        """Write every other topic, what came from outside last."""
        others = {*TOPICS, ADVISOR_DIRECTORY} - {ROUTING_AUDIT}
        self._write(others - HEARD, self._choose)
        self._write(HEARD, self._choose)

    def _write(self, topics: Collection[str], wants: Callable[[Record], bool]) -> None:
        with ExitStack() as stack:
            writers: dict[tuple[str, int], TableWriter] = {}
            for batch in self._source.batches(topics):
                for one in batch:
                    if not wants(one):
                        continue
                    place = one.topic, one.partition
                    if place not in writers:
                        path = self._folder / one.topic / f"{one.partition}.parquet"
                        writers[place] = stack.enter_context(TableWriter(path))
                    writers[place].write(self._change(one))
                    self._note(place, one.offset)

    def _note(self, place: tuple[str, int], offset: int) -> None:
        span = self._ranges.setdefault(place, [offset, offset, 0])
        span[1] = offset
        span[2] += 1

    def _look(self, record: Record) -> bool:
        """Note what an audit record names."""
        try:
            event = read_audit(record.value)
        except Unreadable:
            return True  # verifying names it
        self._kinds[event.kind] += 1
        self._wants(event)
        return True

    def _wants(self, event: AuditEvent) -> None:
        hint = event.hint
        number = event.owner.rpartition("-")[2]
        partition = int(number) if number.isdigit() else -1
        if hint.policy:
            self._revisions.add(hint.policy)
        if hint.profile >= 0:
            self._named[partition].add(hint.profile)
            self._wanted[partition].add(hint.profile)
        if hint.what == CUSTOMER_PROFILES:
            self._wanted[partition].add(hint.value)
        self._wanted[partition].update(
            offset for topic, offset in hint.reached if topic == CUSTOMER_PROFILES
        )

    def _choose(self, record: Record) -> bool:
        if record.topic == POLICY_REVISIONS and record.value is not None:
            self._documents.add((record.key or b"").decode(errors="replace"))
        if record.topic != CUSTOMER_PROFILES:
            return True
        wanted = record.offset in self._wanted[record.partition]
        if wanted:
            self._there[record.partition].add(record.offset)
        return wanted

    def manifest(self) -> dict[str, Any]:
        """Return what there is to say. Raises `SourceError` where nothing was written."""
        if not self._ranges:
            raise SourceError(f"`{self._source.name}` holds no records")
        missing = sum(len(named - self._there[at]) for at, named in self._named.items())
        return {
            "format": FORMAT,
            "source": self._source.name,
            "cut": self._source.cut,
            "engine": ENGINE,
            "audit_records": dict(sorted(self._kinds.items())),
            "profiles_missing": missing,
            "revisions_missing": sorted(self._revisions - self._documents),
            "files": [
                {
                    "topic": topic,
                    "partition": partition,
                    "first": first,
                    "last": last,
                    "records": count,
                    "path": f"{topic}/{partition}.parquet",
                    "sha256": digest_of(self._folder / topic / f"{partition}.parquet"),
                }
                for (topic, partition), (first, last, count) in sorted(self._ranges.items())
            ],
        }

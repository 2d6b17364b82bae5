"""Mutants of our own engine: each is found on the golden recording.

A mutant is one function with one thing in it changed, as a slip of somebody's pen would. That the
recording finds each of them shows that what it holds is held.
"""

import gzip
import inspect
import textwrap
from functools import cache
from typing import Any

import orjson
import pytest

from tests.replay.scene import GOLDEN, MASK_KEY, Records, revisions
from tierlane.audit import mask as masking
from tierlane.audit.mask import Mask
from tierlane.decision import Promise
from tierlane.policy.deciding import composing, obligation, planning
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.deciding.tiering import Tiering
from tierlane.replay.source.line import Reading
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing import entry, memory
from tierlane.routing.course import Course
from tierlane.routing.deciding import Deciding
from tierlane.routing.journal import Journal
from tierlane.routing.memory import Customer, Memory
from tierlane.routing.placing import Placing
from tierlane.routing.reroute import Reroute
from tierlane.routing.timetable import Timetable

MUTANTS: dict[str, tuple[Any, str, str, str]] = {
    "dedupe window": (Memory, "knows", "seen - window", "seen - 3 * window"),
    "dedupe never": (Memory, "knows", "return name in heard", "return False"),
    "dedupe size": (Memory, "hear", "2 * most", "most // 8"),
    "deadline of lapsing": (Course, "_keep", "+ limits.lapse", "+ limits.lapse + 60_000"),
    "deadline rounded": (memory, "rounded", "-(-deadline // GRAIN) * GRAIN", "deadline"),
    "deadline of an answer": (Promise, "due", "since + elapsed", "since + elapsed + 1"),
    "promise from entry": (entry, "entered", "contact.seen", "now"),
    "timers that tie": (Timetable, "take", "deadline})", "deadline}, reverse=True)"),
    "capacity of a key": (Course, "take", "> limits.contacts", ">= limits.contacts"),
    "who makes room": (Memory, "least", ")[0]", ")[-1]"),
    "skew": (Deciding, "_faults", "> self._limits.skew", "> 9 * self._limits.skew"),
    "recency": (Customer, "meet", "self.last_at = at", "self.last_at = self.first_at"),
    "count of contacts": (Customer, "meet", "+= 1", "+= 2"),
    "last advisor": (Course, "_recall", "last_advisor or customer.last_advisor", "None"),
    "last outcome": (Course, "_recall", "last_outcome or customer.last_outcome", "None"),
    "number of entries": (Journal, "entered", "entry_no += 1", "entry_no = 1"),
    "moves within a lane": (Placing, "_place", "elif move or", "elif True or"),
    "merging": (Deciding, "merged", "contact.data or {}", "{}"),
    "order of rerouting": (Reroute, "_find", "reverse=True", "reverse=False"),
    "rerouting by terms": (Placing, "decide_anew", "!= contact.terms", "< 0"),
    "erasing": (Memory, "erase", "self.customer = None", "pass"),
    "highest tier": (Tiering, "_earned", ") > best:", ") >= 0:"),
    "priority of floors": (composing, "strictest", "max((one.priority", "min((one.priority"),
    "time of floors": (obligation, "_least", "min(", "max("),
    "identity": (planning, "_identity", "or 0", "or 2"),
    "year in receipts": (masking, "_shown", 'return f"{year} "', 'return f"{year}"'),
    "age kept by a transfer": (
        Course, "_enter_again", "contact.state,", "contact.seen = turn.seen; contact.state,",
    ),
    "lane left when answered": (Course, "_serve", '"answered", turn.seen', '"ended", turn.seen'),
    "time of leaving": (Course, "_close", "name, turn.seen", "name, contact.seen"),
}  # fmt: skip


def mutate(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, old: str, new: str) -> None:
    """Put a function in place that is the same but for one thing."""
    function = getattr(owner, name)
    text = textwrap.dedent(inspect.getsource(function))
    assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
    made: dict[str, Any] = {}
    exec(compile(text.replace(old, new), name, "exec"), function.__globals__, made)
    monkeypatch.setattr(owner, name, made[name])


@cache
def golden(name: str = "scene.jsonl.gz") -> tuple[StoredRecord, ...]:
    reading = Reading()
    lines = gzip.decompress((GOLDEN / name).read_bytes()).splitlines()
    return tuple(record for line in lines if (record := reading.record(line)) is not None)


def differences(records: tuple[StoredRecord, ...], *files: Revision) -> list[str]:
    # Without files they are compiled anew: a revision remembers what it decided, and how.
    found = verify(Records(records), Terms(Mask(MASK_KEY)), files=files)
    return [orjson.dumps(one.as_dict()).decode() for one in found.differences]


def test_the_golden_recording_holds():
    """Where this fails, a release changes what a policy means; the changelog must say so."""
    assert len(golden()) > 2_000
    assert differences(golden()) == []


def test_the_recording_that_is_meant_to_fail_fails():
    (found,) = map(orjson.loads, differences(golden("meant-to-fail.jsonl.gz"), *revisions()))
    assert (found["field"], found["recorded"], found["derived"]) == (
        "data.tier.name", "gold", "standard",
    )  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_found(name, monkeypatch):
    mutate(monkeypatch, *MUTANTS[name])
    assert differences(golden())


def test_there_are_enough_mutants():
    assert len(MUTANTS) >= 20

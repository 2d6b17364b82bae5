"""How good the waits were that desks expected: what was told on entering beside what came.

A contact is told its expected wait whenever it enters a lane of a managed desk. What is compared
is the time until an advisor took it on there. Whoever left, or moved on, before is counted and
not compared: how long they would have waited nobody knows. So where many leave, the longest waits
are missing, and what was expected looks too long.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any, Final, NamedTuple

import orjson

from tierlane.ports import Record
from tierlane.replay.source.source import Source
from tierlane.topic import ROUTING_AUDIT
from tierlane.value import parse_time

BOUNDS: Final = (0, 30, 60, 120, 300, 600, inf)
"""Seconds: what was expected by bands, each above one and up to the next; nought is its own."""

NEAR: Final = 30.0
"""Seconds by which a wait that is near may differ from what was expected, as may `SHARE` of it."""

SHARE: Final = 0.25

_OVER: Final = frozenset({"left", "closed", "lapsed", "handed_over", "finished"})


class Band(NamedTuple):
    """Contacts of whom about as much was expected; times are in seconds."""

    above: float
    up_to: float
    contacts: int
    expected: float
    """Mean of what was expected."""
    waited: float
    """Mean of what came."""


class Expectation(NamedTuple):
    """What became of what was expected in one lane; times are in seconds, None where nobody was."""

    desk: str
    lane: str
    entered: int
    unknown: int
    """Of these, told that nothing is known: fewer than two had been taken on before."""
    left: int
    """Of the others, over before anybody took them on."""
    moved: int
    """Of the others, gone on to another lane or desk."""
    waiting: int
    """Of the others, waiting still when the record ends."""
    compared: int
    """The rest."""
    bias: float | None
    """Mean of what came less what was expected; above nought they waited longer."""
    error: float | None
    """Mean of how far they are apart, either way."""
    near: float | None
    """The share of them within 30 s, or within a quarter of what was expected."""
    bands: tuple[Band, ...]


class _Told(NamedTuple):
    """A contact in a lane, with what it was told; times are ms."""

    place: tuple[str, str]
    at: int
    wait: int | None


@dataclass(slots=True)
class _Tally:
    """Counts of one lane."""

    entered: int = 0
    unknown: int = 0
    left: int = 0
    moved: int = 0
    waiting: int = 0
    pairs: list[tuple[float, float]] = field(default_factory=list)
    """Expected and real wait, in seconds."""


class Following:
    """Follows contacts through the audit of desks, in the order of time."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._lanes: defaultdict[tuple[str, str], _Tally] = defaultdict(_Tally)

    def take(self, records: Iterable[Record]) -> None:
        """Take in records of the audit."""
        for record in records:
            event = _parsed(record.value)
            data = event.get("data")
            if type(data) is dict and type(data.get("contact_id")) is str and "desk" in data:
                self._note(data["contact_id"], data)

    def _note(self, contact: str, data: Mapping[str, Any]) -> None:
        kind = data["kind"]
        if "place" in data:
            self._leave(contact, "moved")
            told = _Told((data["desk"], data["lane"]), parse_time(data["at"]), data.get("wait"))
            self._told[contact] = told
            self._lanes[told.place].entered += 1
        elif kind == "confirmed":
            self._taken(contact, parse_time(data["at"]))
        elif kind in _OVER:
            self._leave(contact, "moved" if kind == "handed_over" else "left")

    def _taken(self, contact: str, now: int) -> None:
        told = self._told.pop(contact, None)
        if told is None:
            return
        tally = self._lanes[told.place]
        if told.wait is None:
            tally.unknown += 1
        else:
            tally.pairs.append((told.wait / 1000, (now - told.at) / 1000))

    def _leave(self, contact: str, how: str) -> None:
        told = self._told.pop(contact, None)
        if told is not None:
            tally = self._lanes[told.place]
            name = "unknown" if told.wait is None else how
            setattr(tally, name, getattr(tally, name) + 1)

    def result(self) -> tuple[Expectation, ...]:
        """Return what was found, by desk and lane."""
        for contact in list(self._told):
            self._leave(contact, "waiting")
        return tuple(_expectation(place, self._lanes[place]) for place in sorted(self._lanes))


def expectations(source: Source) -> tuple[Expectation, ...]:
    """Return how good the expected waits of a record were, by lane. Raises `SourceError`."""
    following = Following()
    for batch in source.batches((ROUTING_AUDIT,)):
        following.take(batch)
    return following.result()


def as_dict(one: Expectation) -> dict[str, Any]:
    """Return it as plain JSON; a band without an upper bound has null there."""
    bands = [
        {**band._asdict(), "up_to": None if band.up_to == inf else band.up_to} for band in one.bands
    ]
    return {**one._asdict(), "bands": bands}


def _expectation(place: tuple[str, str], tally: _Tally) -> Expectation:
    pairs, number = tally.pairs, len(tally.pairs)
    errors = [waited - expected for expected, waited in pairs]
    near = sum(
        abs(error) <= max(NEAR, SHARE * expected)
        for error, (expected, _) in zip(errors, pairs, strict=True)
    )
    return Expectation(
        *place,
        entered=tally.entered,
        unknown=tally.unknown,
        left=tally.left,
        moved=tally.moved,
        waiting=tally.waiting,
        compared=number,
        bias=sum(errors) / number if number else None,
        error=sum(map(abs, errors)) / number if number else None,
        near=near / number if number else None,
        bands=tuple(_bands(pairs)),
    )


def _bands(pairs: list[tuple[float, float]]) -> Iterable[Band]:
    for above, up_to in pairwise((-inf, *BOUNDS)):
        inside = [one for one in pairs if above < one[0] <= up_to]
        if inside:
            expected, waited = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            yield Band(max(above, 0.0), float(up_to), len(inside), expected, waited)


def _parsed(value: bytes | None) -> dict[str, Any]:
    try:
        event = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return {}
    return event if type(event) is dict else {}

"""The part of an audit record and of a lane entry that all contacts of one class share.

Each part is encoded once, and a class that was not met before joins the parts. Rows that did not
hold are grouped by the term that failed them, so that forty rows which fail alike take one line.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zlib import crc32

import orjson

from tierlane.calendar import Span
from tierlane.decision import Missed, Priority, Promise
from tierlane.lane import Lane

MOST_CONSIDERED: Final = 6_000
"""Bytes of `considered`; the rest is counted in `truncated` and can be derived again."""
MOST_BECAUSE: Final = 2_000
"""Bytes of `because`, likewise."""
MOST_LANES: Final = 20
"""Lanes shown that were not eligible."""

Policy = Mapping[str, str]
"""Name and revision, as records have them."""


class Told(NamedTuple):
    """What one set of rules gave, as the audit record writes it."""

    value: bytes
    """Of a fact, encoded."""
    rows: bytes
    """The rows that held, encoded, without the brackets of a list."""
    room: int
    """What these rows take of `MOST_BECAUSE`."""
    considered: tuple[tuple[bytes, int], ...]
    """The part of the rows that did not hold, see `considered`, and how many these are; an empty
    part stands for rows that are only counted."""


def told(value: object, rows: tuple[str, ...], parts: tuple[tuple[bytes, int], ...]) -> Told:
    """Encode what a set gave; a value that is no constant is not told."""
    plain = orjson.dumps(value) if isinstance(value, str | int | float) else b""
    return Told(plain, orjson.dumps(rows)[1:-1], _room(rows), parts)


@lru_cache(maxsize=1_024)
def tier_of(tier: str, rule: str, earned: str) -> bytes:
    """Encode the tier as a member."""
    told = {"name": tier, "rule": rule}
    if earned != tier:
        told["earned"] = earned
    return orjson.dumps({"tier": told})[1:-1]


def scenario_of(scenario: str, rule: str) -> bytes:
    """Encode the scenario as a member."""
    return orjson.dumps({"scenario": {"name": scenario, "rule": rule}})[1:-1]


def place_of(plan: str, step: int | str, lane: Lane, priority: Priority, promise: Promise) -> bytes:
    """Encode where a contact goes, how soon and by when it is served, as members."""
    return orjson.dumps(
        {
            "plan": plan,
            "step": step,
            "lane": lane.name,
            "lane_kind": lane.kind,
            "desk": lane.desk,
            "priority": priority.start,
            "promise": _promised(promise),
        }
    )[1:-1]


def because_of(rows: Iterable[str]) -> tuple[bytes, int]:
    """Encode the rows that held as far as there is room, without the brackets of a list.

    Also returns how many rows there was no room for.
    """
    shown, left_out = _fitting(rows, MOST_BECAUSE)
    return orjson.dumps(shown)[1:-1], left_out


def considered_of(all_told: Iterable[Told], lanes: bytes) -> tuple[bytes, int]:
    """Join the sets' parts as far as there is room, and the lanes; count rows without room."""
    shown: list[bytes] = []
    room, left_out = MOST_CONSIDERED, 0
    for one in all_told:
        for part, rows in one.considered:
            room -= len(part) + 1
            if room < 0 or not part:
                left_out += rows
            else:
                shown.append(part)
    sets, alone = named_alone(shown)
    if alone:
        sets.append(b'"no_row":[%b]' % b",".join(alone))
    if lanes:
        sets.append(lanes)
    return b",".join(sets), left_out


def named_alone(parts: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Part the members `"SET":{…}` from the names that stand alone; empty parts are neither."""
    sets: list[bytes] = []
    alone: list[bytes] = []
    for part in parts:
        if part:
            (sets if part.endswith(b"}") else alone).append(part)
    return sets, alone


def lanes_of(passed_over: tuple[tuple[int | str, str, str], ...]) -> tuple[bytes, int]:
    """Encode the lanes that were not eligible, and count those there is no room for."""
    if not passed_over:
        return b"", 0
    lanes = [
        {"step": step, "lane": lane, "reason": reason}
        for step, lane, reason in passed_over[:MOST_LANES]
    ]
    return b'"lanes":' + orjson.dumps(lanes), max(0, len(passed_over) - MOST_LANES)


def entry_of(
    lane: Lane, priority: Priority, *, tier: str, scenario: str, step: int | str, policy: Policy
) -> bytes:
    """Encode the lane entry's part: members without braces."""
    return orjson.dumps(
        {
            "lane": lane.name,
            "kind": lane.kind,
            "desk": lane.desk,
            "tier": tier,
            "scenario": scenario,
            "priority": priority.start,
            **_ageing(priority),
            "step": step,
            "policy": policy,
        }
    )[1:-1]


def terms_of(entry: bytes, promise: Promise, serve: Mapping[str, Any]) -> int:
    """Return a checksum of what an entry says, but for the revision that says it.

    Calendars belong to what is promised, with all their days: their names may stay.
    """
    said = entry[: entry.rindex(b',"policy":')]
    told = orjson.dumps(dict(serve), option=orjson.OPT_NON_STR_KEYS)
    return crc32(repr(promise).encode(), crc32(told, crc32(said)))


def _ageing(one: Priority) -> dict[str, Any]:
    parts = {
        "by": one.by or None,
        "every": one.every / 1000 if one.every else None,
        "to": one.to,
        "credit": one.credit / 1000 if one.credit else None,
    }
    found = {key: value for key, value in parts.items() if value is not None}
    return {"ageing": found} if found else {}


def _promised(promise: Promise) -> dict[str, Any]:
    """Return the times promised, in seconds; a list of all that binds where working time does."""
    times = {"answer": promise.answer, "start": promise.start, "resolve": promise.resolve}
    found: dict[str, Any] = {key: ms / 1000 for key, ms in times.items() if ms is not None}
    for key in dict.fromkeys(key for key, _ in promise.working):
        found[key] = [_bound(span) for span in promise.bounds(key)]
    return found


def _bound(span: Span) -> Any:
    seconds = span.ms / 1000
    return (
        seconds if span.calendar is None else {"working": seconds, "calendar": span.calendar.name}
    )


def considered(missed: Sequence[Missed], *, binding: bool = False) -> bytes:
    """Encode the rows of one set that did not hold: `"scenarios":{"contact.subject":"2-6,8"}`.

    Rows are grouped by what failed them first: a field alone says that its value (see `inputs`,
    `facts`, `tier`, `scenario`) is missing or not what the row asks for. A table or ladder counts
    once, as its name alone: it has no row for the value, or the value is missing.
    Where all rows count (`binding`), one that is not in `because` did not hold; only those without
    an answer are told of.
    """
    if binding:
        missed = [one for one in missed if one.why.startswith(("missing ", "no answer"))]
    if not missed:
        return b""
    of = missed[0].of
    if not missed[0].number:
        return orjson.dumps(of)
    terms: dict[str, list[int]] = {}
    for one in missed:
        terms.setdefault(one.about, []).append(one.number)
    return orjson.dumps({of: {about: _ranges(rows) for about, rows in terms.items()}})[1:-1]


def _ranges(numbers: list[int]) -> str:
    """Write ascending numbers as `2-6,8`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(one) if one == last else f"{one}-{last}" for one, last in parts)


def _room(rows: tuple[str, ...]) -> int:
    return sum(len(row.encode()) + 3 for row in rows)


def _fitting(rows: Iterable[str], most: int) -> tuple[list[str], int]:
    shown: list[str] = []
    left_out = 0
    for row in rows:
        most -= len(row.encode()) + 3
        if most < 0:
            left_out += 1
        else:
            shown.append(row)
    return shown, left_out

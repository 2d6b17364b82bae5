"""The part of an audit record and of a lane entry that all contacts of one class share.

It is encoded once per class. Rows that did not hold are grouped by the term that failed them, so
that forty rows which fail alike take one line.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from tierlane.calendar import Span
from tierlane.decision import Missed, Outcome, Promise

MOST_CONSIDERED: Final = 6_000
"""Bytes of `considered`; the rest is counted in `truncated` and can be derived again."""
MOST_BECAUSE: Final = 2_000
"""Bytes of `because`, likewise."""
MOST_LANES: Final = 20
"""Lanes shown that were not eligible."""


def evidence_of(outcome: Outcome, hits: Iterable[tuple[bytes, int]]) -> tuple[bytes, int]:
    """Encode the reasons: members without braces, `because` last and its list left open.

    `hits` has the part of each set, see `considered`, and how many rows it tells of; an empty part
    stands for rows that are only counted. Also returns how many rows were left out.
    """
    tier = {"name": outcome.tier, "rule": outcome.tier_rule}
    if outcome.earned_tier != outcome.tier:
        tier["earned"] = outcome.earned_tier
    because, hidden = _fitting(outcome.because, MOST_BECAUSE)
    head = orjson.dumps(
        {
            "tier": tier,
            "scenario": {"name": outcome.scenario, "rule": outcome.scenario_rule},
            "facts": dict(outcome.facts),
            "plan": outcome.plan,
            "step": outcome.step,
            "lane": outcome.lane,
            "lane_kind": outcome.kind,
            "desk": outcome.desk,
            "priority": outcome.priority.start,
            "promise": _promised(outcome.promise),
        }
    )
    sets, left_out = _joined(hits)
    lanes = _lanes(outcome)
    comma = b"," if sets and lanes else b""
    left_out += hidden + max(0, len(outcome.passed_over) - MOST_LANES)
    body = b',"considered":{%b%b%b},"because":' % (sets, comma, lanes)
    return head[1:-1] + body + orjson.dumps(because)[:-1], left_out


def _lanes(outcome: Outcome) -> bytes:
    if not outcome.passed_over:
        return b""
    lanes = [
        {"step": step, "lane": lane, "reason": reason}
        for step, lane, reason in outcome.passed_over[:MOST_LANES]
    ]
    return b'"lanes":' + orjson.dumps(lanes)


def entry_of(outcome: Outcome, policy: str, revision: str) -> bytes:
    """Encode the lane entry's part: members without braces."""
    return orjson.dumps(
        {
            "lane": outcome.lane,
            "kind": outcome.kind,
            "desk": outcome.desk,
            "tier": outcome.tier,
            "scenario": outcome.scenario,
            "priority": outcome.priority.start,
            **_ageing(outcome),
            "step": outcome.step,
            "policy": {"name": policy, "revision": revision},
        }
    )[1:-1]


def _ageing(outcome: Outcome) -> dict[str, Any]:
    one = outcome.priority
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


def _joined(hits: Iterable[tuple[bytes, int]]) -> tuple[bytes, int]:
    """Join the sets' parts as far as there is room; return how many rows had none."""
    sets: list[bytes] = []
    nothing: list[bytes] = []
    room, left_out = MOST_CONSIDERED, 0
    for part, rows in hits:
        room -= len(part) + 1
        if room < 0 or not part:
            left_out += rows
        elif part.endswith(b"}"):
            sets.append(part)
        else:
            nothing.append(part)
    if nothing:
        sets.append(b'"no_row":[%b]' % b",".join(nothing))
    return b",".join(sets), left_out


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

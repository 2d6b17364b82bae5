"""The part of an audit record and of a lane entry that all contacts of one class share.

It is encoded once per class. Rows that did not hold are grouped by the term that failed them, so
that forty rows which fail alike take one line.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from tierlane.decision import Missed, Outcome, Promise

MOST_CONSIDERED: Final = 6_000
"""Bytes of `considered`; the rest is counted in `truncated` and can be derived again."""
MOST_BECAUSE: Final = 2_000
"""Bytes of `because`, likewise."""
MOST_LANES: Final = 20
"""Lanes shown that were not eligible."""


def evidence_of(outcome: Outcome) -> tuple[bytes, int]:
    """Encode the reasons: members without braces, `because` last and its list left open.

    Also returns how many rows were left out for want of room.
    """
    considered, left_out = _considered(outcome.missed)
    because, more = _fitting(outcome.because, MOST_BECAUSE)
    members: dict[str, Any] = {
        "tier": {"name": outcome.tier, "rule": outcome.tier_rule},
        "scenario": {"name": outcome.scenario, "rule": outcome.scenario_rule},
        "facts": dict(outcome.facts),
        "plan": outcome.plan,
        "step": outcome.step,
        "lane": outcome.lane,
        "lane_kind": outcome.kind,
        "desk": outcome.desk,
        "priority": outcome.priority.start,
        "promise": _promised(outcome.promise),
        "considered": considered,
    }
    if outcome.earned_tier != outcome.tier:
        members["tier"]["earned"] = outcome.earned_tier
    if outcome.passed_over:
        members["considered"]["lanes"] = [
            {"step": step, "lane": lane, "reason": reason}
            for step, lane, reason in outcome.passed_over[:MOST_LANES]
        ]
    members["because"] = because
    hidden = left_out + more + max(0, len(outcome.passed_over) - MOST_LANES)
    return orjson.dumps(members)[1:-2], hidden


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


def _promised(promise: Promise) -> dict[str, float]:
    """Return the times promised, in seconds."""
    times = {"answer": promise.answer, "start": promise.start, "resolve": promise.resolve}
    return {key: ms / 1000 for key, ms in times.items() if ms is not None}


def _considered(missed: Iterable[Missed]) -> tuple[dict[str, Any], int]:
    """Group the rows that did not hold: set → the term that failed → numbers of the rows.

    A field alone says that its value (see `inputs`, `facts`, `tier`, `scenario`) is none of those
    the row asks for. A table or ladder counts once: set → why it gave nothing.
    """
    sets: dict[str, Any] = {}
    size = left_out = 0
    for one in missed:
        terms = sets.get(one.of)
        size += 6 if terms and one.about in terms else len(one.about.encode()) + 8
        if size > MOST_CONSIDERED:
            left_out += 1
        elif one.number:
            sets.setdefault(one.of, {}).setdefault(one.about, []).append(one.number)
        else:
            sets[one.of] = one.about
    return sets, left_out


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

"""The same contacts under two policies, one beside the other: who gains, who pays, who moves."""

from collections import Counter
from typing import Final, NamedTuple

from tierlane.replay.diff.fate import FELT
from tierlane.replay.report.keeping import EVERYBODY, Track

FATES: Final = ("saved", "sooner", "alike", "later", "lost", "unserved")
"""Of a contact, B against A: answered at last, answered sooner, as soon, later; answered no more;
answered by neither."""


class Paired(NamedTuple):
    """One replication of both policies."""

    contacts: dict[str, int]
    """By tier under A; all under the empty name."""
    fates: dict[str, tuple[int, ...]]
    """By tier under A, contacts by `FATES`."""
    moves: dict[tuple[str, str, str], int]
    """Contacts by tier under A and the lane they were in last, under A and under B."""


def paired(a: Track, b: Track) -> Paired:
    """Lay both side by side; raises ValueError where they are not of the same contacts."""
    contacts: Counter[str] = Counter()
    fates: dict[str, list[int]] = {}
    moves: Counter[tuple[str, str, str]] = Counter()
    columns = zip(
        a.tier, a.lane, b.lane, a.answered, b.answered, a.wait, b.wait, strict=True
    )  # fmt: skip
    for tier_a, lane_a, lane_b, done_a, done_b, wait_a, wait_b in columns:
        tier = a.names[tier_a]
        fate = _fate(done_a, done_b, wait_b - wait_a)
        moves[tier, a.names[lane_a], b.names[lane_b]] += 1
        for name in (EVERYBODY, tier):
            contacts[name] += 1
            fates.setdefault(name, [0] * len(FATES))[fate] += 1
    told = {name: tuple(counts) for name, counts in fates.items()}
    return Paired(dict(contacts), told, dict(moves))


def _fate(done_a: int, done_b: int, longer: int) -> int:
    """Return the place among `FATES`."""
    if done_a and done_b:
        return 2 if abs(longer) < FELT else 1 if longer < 0 else 3
    if done_b:
        return 0
    return 4 if done_a else 5

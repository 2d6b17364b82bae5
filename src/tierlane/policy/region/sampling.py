"""Lists too entangled to be looked through: contacts are tried instead, and the finding says so."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Final

from tierlane.policy.finding import Report
from tierlane.policy.region.atlas import Atlas, Row
from tierlane.policy.region.diagram import NOTHING
from tierlane.policy.region.row import find_equal

MOST_TRIED: Final = 64
"""Contacts tried for a row."""
MOST_WALKS: Final = 1 << 17
"""Rows asked in all; a row is asked of a contact in about five microseconds."""


def find_sampled(atlas: Atlas, report: Report, seed: int) -> None:
    """Look at the lists that went over the budget, and say how far."""
    for listed in (one for one in atlas.lists.values() if not one.exact):
        place = listed.rows[0].place if listed.rows else atlas.document.place
        find_equal(listed.name, listed.rows, report)
        tries = _tries(len(listed.rows))
        if not tries:
            message = f"`{listed.name}` has too many rows to compare them all"
            report.note(
                "sampled", place, message, "only rows with equal conditions were looked for"
            )
            continue
        message = f"`{listed.name}` has too many combinations to look through them all"
        hint = f"{tries} contacts were tried for each row"
        report.note("sampled", place, message, hint)
        told = {one.place for one in report.findings if one.code == "shadowed"}
        for number, row in enumerate(listed.rows):
            if row.place not in told and row.holds > NOTHING:
                chance = turns(seed, f"{listed.name}/{row.name}")
                tried = islice(_contacts(atlas, row, chance), tries)
                if not any(_reaches(atlas, bits, listed.rows[:number]) for bits in tried):
                    message = f"`{row.name}` of `{listed.name}` seems never to be reached"
                    hint = f"rows above it took each of {tries} contacts that were tried"
                    report.warn("shadowed", row.place, message, hint)


def _tries(rows: int) -> int:
    tries = MOST_WALKS // max(1, rows * rows // 2)
    return min(MOST_TRIED, tries) if tries >= 4 else 0


def _contacts(atlas: Atlas, row: Row, chance: Iterator[int]) -> Iterator[dict[int, int]]:
    """Return contacts for which a row holds, as bits; none where there can be none."""
    region = atlas.diagram.both(row.holds, atlas.judge.plane.world())
    while region != NOTHING:
        bits = atlas.diagram.path(region, chance)
        for line in atlas.judge.plane.lines.values():
            for depth in line.depths():
                bits.setdefault(depth, next(chance))
        yield bits


def _reaches(atlas: Atlas, bits: dict[int, int], above: list[Row]) -> bool:
    return not any(atlas.diagram.holds(one.holds, bits) for one in above)


def turns(seed: int, name: str) -> Iterator[int]:
    """Return bits that are always the same for a seed and a name."""
    number = 0
    while True:
        digest = blake2b(f"{seed}\0{name}\0{number}".encode(), digest_size=64).digest()
        for byte in digest:
            for bit in range(8):
                yield byte >> bit & 1
        number += 1

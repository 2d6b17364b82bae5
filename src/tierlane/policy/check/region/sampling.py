"""Lists too entangled to be looked through: contacts are tried instead, and the finding says so."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from tierlane.policy.check.region.atlas import Atlas
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.row import find_equal
from tierlane.policy.form.finding import Report

MOST_TRIED: Final = 64
"""Contacts tried for a row."""
MOST_WALKS: Final = 1 << 17
"""Rows asked in all; asking one takes about twenty microseconds."""


def find_sampled(atlas: Atlas, report: Report, seed: int) -> None:
    """Look at the lists that went over the budget, and say how far."""
    for listed in (one for one in atlas.lists.values() if not one.exact):
        place = listed.rows[0].place if listed.rows else atlas.document.place
        find_equal(listed.name, listed.rows, report)
        tries = tries_for(len(listed.rows))
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
                above = [one.holds for one in listed.rows[:number] if one.holds > NOTHING]
                if not any(_escapes(atlas, row.holds, above, chance) for _ in range(tries)):
                    message = f"`{row.name}` of `{listed.name}` seems never to be reached"
                    hint = f"rows above it took each of {tries} contacts that were tried"
                    report.warn("shadowed", row.place, message, hint)


def tries_for(rows: int) -> int:
    """Return how many contacts are tried for each of so many rows; none if that is too few."""
    tries = MOST_WALKS // max(1, rows * rows // 2)
    return min(MOST_TRIED, tries) if tries >= 4 else 0


def _escapes(atlas: Atlas, holds: int, above: list[int], chance: Iterator[int]) -> bool:
    """Look for a contact for which a row holds and none above it; tell whether there is one.

    It settles bit by bit what the rows above ask for, so that none of them holds; whoever is left
    at the end is such a contact.
    """
    diagram = atlas.diagram
    region = diagram.both(holds, atlas.judge.plane.world())
    for one in above:
        left = diagram.without(region, one)
        if left == NOTHING:
            return False
        if left != region:
            asked = diagram.support(one)
            bits = diagram.path(left, chance)
            cube = diagram.cube({depth: bit for depth, bit in bits.items() if depth in asked})
            region = diagram.both(left, cube)
    return region != NOTHING


def turns(seed: int, name: str) -> Iterator[int]:
    """Return bits that are always the same for a seed and a name."""
    number = 0
    while True:
        digest = blake2b(f"{seed}\0{name}\0{number}".encode(), digest_size=64).digest()
        for byte in digest:
            for bit in range(8):
                yield byte >> bit & 1
        number += 1

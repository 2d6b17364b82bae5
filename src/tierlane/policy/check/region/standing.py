"""The tier as it stands: what is earned now, and what is kept of an earlier time."""

from collections.abc import Callable
from typing import Any

from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.gather import EARNED_AT
from tierlane.policy.check.region.truth import Judge
from tierlane.policy.deciding.tiering import lowered
from tierlane.policy.form.document import Document, Ladder

Values = dict[str, int]
"""Tier → region."""


def tiers_held(document: Document, judge: Judge, earned: Values) -> Values:
    """Return where each tier counts, a higher one that was held before being kept.

    Who held a tier held those below it, too: each is kept by itself.
    """
    order, diagram = document.tiers.order, judge.diagram
    if not (document.tiers.keep is not None or _margins(document)):
        return earned
    line = judge.plane.line("memory.tier.name")
    stands: Values = {}
    least = above = NOTHING
    for rank in range(len(order) - 1, -1, -1):
        held = line.equal(diagram, order[rank:])
        kept = diagram.both(held, _kept(document, judge, rank))
        least = diagram.either(least, earned[order[rank]])
        here = diagram.either(diagram.either(least, kept), above)
        stands[order[rank]] = diagram.without(here, above)
        above = here
    return {tier: stands[tier] for tier in order}


def _kept(document: Document, judge: Judge, rank: int) -> int:
    """Return where a tier of some rank is kept, by its age or within a margin."""
    diagram, order = judge.diagram, document.tiers.order
    found = NOTHING
    keep = document.tiers.keep
    if keep is not None:
        limit = keep if isinstance(keep, int) else 0
        name = EARNED_AT if isinstance(keep, int) else f"age({keep.text})"
        line = judge.plane.line(name)
        found = line.where(diagram, lambda age: age is not None and age < limit)
    for body in _margins(document):
        if body.field.text not in judge.plane.cuts.fields:
            continue  # a ladder on a fact has steps of its own, and no margin
        limits = [
            lowered(point, body.margin)
            for point, tier, _ in body.steps
            if order.index(str(tier)) >= rank
        ]
        if limits:
            line = judge.plane.line(body.field.text)
            least = min(limits)
            within = line.where(diagram, _at_least(least))
            found = diagram.either(found, within)
    return found


def _at_least(least: float) -> Callable[[Any], bool]:
    return lambda value: value is not None and value >= least


def _margins(document: Document) -> list[Ladder]:
    bodies = [one.body for one in document.tiers.sets]
    return [one for one in bodies if isinstance(one, Ladder) and one.margin]

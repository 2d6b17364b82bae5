"""The ways of a policy: which tiers and situations lead to which plan, and that to which lanes.

One picture a desk, since each plan begins at one; a picture of all at once is not read by anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tierlane.policy.condition.expression import (
    Binary,
    Call,
    Const,
    NotCel,
    Path,
    Several,
    Tree,
    parse,
    terms,
)
from tierlane.policy.form.document import Document, Plan

ANY = ""
"""Stands for every tier, and for any situation."""
BUT = "≠ "
"""Begins what stands for all but a few: `≠ recovery`."""


@dataclass(frozen=True, slots=True)
class Way:
    """One plan with what it asks of tier and situation; `lanes` are its steps."""

    number: int
    """The plan's place in the order of asking, from 1."""
    plan: Plan
    tiers: tuple[str, ...]
    scenarios: tuple[str, ...]
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """The ways that begin at one desk."""

    desk: str
    ways: tuple[Way, ...]

    @property
    def lanes(self) -> tuple[str, ...]:
        """Return the lanes in the order in which they are met."""
        return tuple(dict.fromkeys(lane for way in self.ways for lane in way.lanes))


def flows(document: Document) -> tuple[Flow, ...]:
    """Return the ways by the desk at which they begin, desks in the order of their first plan."""
    desks = {lane.name: lane.desk for lane, _ in document.lanes}
    grouped: dict[str, list[Way]] = {}
    for number, plan in enumerate(document.plans, 1):
        way = _way(number, plan, document)
        desk = desks.get(way.lanes[0], "") if way.lanes else ""
        grouped.setdefault(desk, []).append(way)
    return tuple(Flow(desk, tuple(ways)) for desk, ways in grouped.items())


def _way(number: int, plan: Plan, document: Document) -> Way:
    lanes: list[str] = []
    for step in plan.steps:
        lanes.append(step.lane.text if step.lane is not None else lanes[-1] if lanes else "")
    tiers, scenarios = _asked(plan, document)
    return Way(number, plan, tiers, scenarios, tuple(lanes))


def _asked(plan: Plan, document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tiers and situations to which a plan's outermost terms limit it."""
    tiers, scenarios = list(document.tiers.order), _scenarios(document)
    left_t, left_s = tiers, scenarios
    if plan.when is not None:
        try:
            parts: Iterable[Tree] = terms(parse(plan.when.text))
        except NotCel:
            parts = ()
        for term in parts:
            left_t = [one for one in left_t if _admits(term, "tier", one, tiers)]
            left_s = [one for one in left_s if _admits(term, "scenario", one, scenarios)]
    return _brief(left_t[::-1], tiers), _brief(left_s, scenarios)


def _brief(left: list[str], all_of_them: list[str]) -> tuple[str, ...]:
    """Return what is left in; where that is nearly everything, what is left out."""
    out = [one for one in all_of_them if one not in left]
    if not out:
        return (ANY,)
    return (f"{BUT}{', '.join(out)}",) if len(left) > max(3, 2 * len(out)) else tuple(left)


def _scenarios(document: Document) -> list[str]:
    written = document.scenarios
    return list(dict.fromkeys((*(str(row.then) for row in written.rules), written.default)))


def _admits(term: Tree, name: str, one: str, order: list[str]) -> bool:
    """Tell whether a term leaves a tier or situation in; a term about other things does."""
    if name == "tier" and isinstance(term, Call) and term.name == "tier_is_at_least":
        least = term.args[0]
        known = isinstance(least, Const) and least.value in order
        return not known or order.index(one) >= order.index(_text(least))
    if not (isinstance(term, Binary) and isinstance(term.left, Path) and term.left.text == name):
        return True
    if term.sign in ("==", "!=") and isinstance(term.right, Const):
        return (term.right.value == one) == (term.sign == "==")
    if term.sign == "in" and isinstance(term.right, Several):
        return any(isinstance(item, Const) and item.value == one for item in term.right.items)
    return True


def _text(tree: Tree) -> str:
    return str(tree.value) if isinstance(tree, Const) else ""

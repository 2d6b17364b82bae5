"""What an overlay may not touch: floors, compliance and masks bind whoever builds on them.

More may be added, as every row that holds binds and the strictest value wins. What is there can
neither be dropped nor replaced by something else, so nobody has to judge which of two conditions
is the wider.
"""

from collections.abc import Iterator
from typing import Final

from tierlane.policy.form.field import PERSONAL
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.address import label
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence, entry, plain

SECTIONS: Final = ("floors", "compliance", "masking")
_SHOWN: Final = {"keep": {"keep", "last 4", "year"}, "last 4": {"last 4"}, "year": {"year"}}
"""What each mask shows; `drop` and `hash` show nothing but the receipt."""


def guard(base: Node, over: Mapping, report: Report) -> None:
    """Report rows and masks of the base that the overlay would weaken."""
    for section in ("floors", "compliance"):
        theirs = {label(row, section): row for row in _rows(base, section)}
        for row in _rows(over, section):
            bound = theirs.get(label(row, section))
            if bound is not None and plain(bound) != plain(row):
                name = f"{section}/{label(row, section)}"
                hint = "give it a name of its own: both rows bind, and the stricter value wins"
                message = f"`{name}` of {bound.place} cannot be replaced"
                report.error("weakened", row.place, message, hint)
    masks = dict(_masks(base))
    for path, (how, place) in _masks(over):
        bound_by, where = _in_force(path, masks)
        if _shows(how) - _shows(bound_by):
            by = f"by {where}" if where else "unless a policy releases it"
            message = f"`{path}` is masked by `{bound_by}` {by}, and `{how}` shows more"
            report.error("weakened", place, message, "a mask can only be made stricter")


def _rows(node: Node, section: str) -> tuple[Node, ...]:
    rows = entry(node, section)
    named = rows.items if isinstance(rows, Sequence) else ()
    return tuple(row for row in named if label(row, section) is not None)


def _masks(node: Node) -> Iterator[tuple[str, tuple[str, Place]]]:
    section = entry(node, "masking")
    for key, value in section.entries if isinstance(section, Mapping) else ():
        if isinstance(value, Leaf):
            yield str(key.value), (str(value.value), key.place)


def _in_force(path: str, masks: dict[str, tuple[str, Place]]) -> tuple[str, Place | None]:
    """Return the mask of a field without the overlay's word, and where it stands."""
    if path == "profile.age" and path not in masks:
        path = "profile.birth_year"  # an age follows the year of birth unless masked apart
    if path in masks:
        return masks[path]
    return ("drop", None) if path in PERSONAL else ("keep", None)


def _shows(how: str) -> set[str]:
    return _SHOWN.get(how, set())

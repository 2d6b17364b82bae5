"""What a policy stands on: the chain of bases that `extends` names, read one by one.

Where a base comes from is the business of whoever hands in `find`: there are no files here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from tierlane.policy.form.finding import Report
from tierlane.policy.reading.canonical import canonical, digest
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import LARGEST, Leaf, Mapping, Node, entry, plain, read

LONGEST: Final = 4
"""Policies that may stand on one another, the first and the last counted."""


class Base(NamedTuple):
    """What `find` returns: the text of a policy and the name that findings call it by."""

    text: bytes
    source: str


Find = Callable[[str, str], Base | None]
"""From what `extends` says, and the source of the policy that says it, to the base or None."""


def nowhere(asked: str, beside: str) -> Base | None:  # noqa: ARG001 # the shape of a Find
    """Find nothing: for a policy that must be whole in itself."""
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """One policy of a chain, and what it says it stands on (None for the last)."""

    node: Mapping
    base: Leaf | None


def extends(node: Node) -> Leaf | None:
    """Return what a policy says it stands on; the reader speaks of what is no text."""
    value = entry(node, "extends")
    return value if isinstance(value, Leaf) and isinstance(value.value, str) else None


def chain(top: Node, source: str, size: int, report: Report, find: Find) -> list[Link]:
    """Read the bases, the nearest first; raises PolicyError when the chain is broken."""
    found: list[Link] = []
    sources = [source]
    node = top
    while isinstance(node, Mapping):
        asked = extends(node)
        found.append(Link(node, asked))
        if asked is None:
            return found
        base = find(str(asked.value), sources[-1])
        _refuse_link(asked, base, sources, report)
        assert base is not None  # noqa: S101 # refused above
        size += len(base.text)
        if size > LARGEST:
            message = f"the documents together have more than {LARGEST} bytes"
            report.error("too_large", asked.place, message)
            report.stop_on_errors()
        node = read(base.text, base.source)
        sources.append(base.source)
        _same_language(found[0].node, node, asked, report)
    Shape(report).wrong(node, "the base", "a policy")
    report.stop_on_errors()
    return found


def _refuse_link(asked: Leaf, base: Base | None, sources: list[str], report: Report) -> None:
    name = asked.value
    if base is None:
        hint = "a file, seen from this one, or a revision as `NAME@HASH`"
        report.error("base_missing", asked.place, f"there is no base `{name}`", hint)
    elif base.source in sources:
        way = " → ".join(f"`{one}`" for one in (*sources, base.source))
        report.error("base_cycle", asked.place, f"the policy stands on itself: {way}")
    elif len(sources) == LONGEST:
        message = f"more than {LONGEST} policies stand on one another"
        report.error("base_chain", asked.place, message, "merge two of them into one")
    report.stop_on_errors()


def _same_language(top: Node, base: Node, asked: Leaf, report: Report) -> None:
    ours, theirs = entry(top, "tierlane"), entry(base, "tierlane")
    if ours is None or theirs is None or not isinstance(base, Mapping):
        return  # missing, or no policy: said where the whole is read
    if plain(ours) != plain(theirs):
        message = f"the base is written in version `{plain(theirs)}`, this in `{plain(ours)}`"
        report.error("base_version", asked.place, message, f"see {theirs.place}")
        report.stop_on_errors()


def pinned(asked: Leaf | None, base: Node, report: Report) -> None:
    """Report a base that is not the revision that `NAME@HASH` names."""
    name, at, wanted = str(asked.value if asked else "").rpartition("@")
    name = name.rpartition("/")[2]
    if asked is None or not at:
        return
    got = f"{plain(entry(base, 'policy') or asked)}@{digest(canonical(base))}"
    if got != f"{name}@{wanted}":
        hint = "take the revision it was written for, or name this one"
        report.error("base_hash", asked.place, f"the base is `{got}`, not `{asked.value}`", hint)
        report.stop_on_errors()

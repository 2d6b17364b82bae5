"""Policies that stand on others: what `extends` names is merged in, and every row keeps its place.

Whole documents are merged, so what the language gains is merged too; only the few lists and maps
named below have rules of their own.
"""

from typing import Final

from tierlane.policy.form.finding import Report
from tierlane.policy.reading import binding
from tierlane.policy.reading.address import NAMED, Drop, label
from tierlane.policy.reading.chain import Find, chain, extends, nowhere, pinned
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence, entry, plain, read

MOST_DROPPED: Final = 1000
"""Rows that one policy may drop; an address has at most `LONGEST_ADDRESS` characters."""
LONGEST_ADDRESS: Final = 200

OWN: Final = ("extends", "drop", "base_cases")
"""Keys that say how a policy stands on its base; they are not in the merged document."""
_WHOLE: Final = frozenset({"finally", "shares", "weekly"})
"""Maps that are one value: their parts only mean something together."""
_BODIES: Final = frozenset({"rules", "ladder", "from", "margin", "table", "shares", "salt"})


def gather(text: str | bytes, source: str, report: Report, find: Find = nowhere) -> Node:
    """Return the document of a policy, merged with what it stands on.

    Raises PolicyError where one of the documents cannot be read or found.
    """
    top = read(text, source)
    if not extends(top):
        return top
    links = chain(top, source, len(text), report, find)
    merged: Node = links[-1].node
    for upper in reversed(links[:-1]):
        pinned(upper.base, merged, report)
        merged = _Overlay(Shape(report)).on(upper.node, merged)
    return merged


class _Overlay:
    """Lays one policy on its base."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.report = shape.report

    def on(self, over: Mapping, base: Node) -> Node:
        """Return the merged document; faults go to the report."""
        for key in ("tierlane", "policy"):
            if entry(over, key) is None:
                self.report.error("missing_key", over.place, f"the policy needs the key `{key}`")
        left = self._dropped(over, self._cases(over, base))
        over = Mapping(tuple(one for one in over.entries if one[0].value not in OWN), over.place)
        binding.guard(left, over, self.report)
        return self._merge("", left, over)

    def _cases(self, over: Mapping, base: Node) -> Node:
        """Leave the base's cases out unless they are asked for: they say what the base decides."""
        asked = entry(over, "base_cases")
        if asked is not None and self.shape.flag(asked, "`base_cases`"):
            return base
        return _without(base, "cases")

    def _dropped(self, over: Mapping, base: Node) -> Node:
        listed = self.shape.items(entry(over, "drop"), "`drop`")
        if len(listed) > MOST_DROPPED:
            message = f"`drop` has more than {MOST_DROPPED} rows"
            self.report.error("range", listed[0].place, message)
            return base
        addresses = {}
        for one in listed:
            address = self.shape.text(one, "a row to drop")
            if len(address) > LONGEST_ADDRESS:
                message = f"an address has at most {LONGEST_ADDRESS} characters"
                self.report.error("range", one.place, message)
            elif address.partition("/")[0] in binding.SECTIONS:
                message = f"`{address}` binds, and cannot be dropped"
                hint = "what the base asks of all is changed in the base"
                self.report.error("drop_binding", one.place, message, hint)
            elif address and isinstance(one, Leaf):
                addresses[address] = one
        drop = Drop(addresses)
        left = drop.out_of(base)
        for address, one in drop.missed.items():
            hint = "such as `scenarios/return in time`, `facts/stage` or `lanes/bot`"
            self.report.error("drop_missing", one.place, f"the base has no `{address}`", hint)
        return left

    def _merge(self, under: str, base: Node, over: Node) -> Node:
        """Merge what stands under one key; nothing written takes nothing away."""
        if isinstance(over, Leaf) and over.value is None and not isinstance(base, Leaf):
            return base
        if isinstance(base, Mapping) and isinstance(over, Mapping) and under not in _WHOLE:
            return self._maps(under, base, over)
        rows = under in NAMED or under == "rows"
        if rows and isinstance(base, Sequence) and isinstance(over, Sequence):
            return self._rows(under, base, over)
        return over

    def _maps(self, under: str, base: Mapping, over: Mapping) -> Mapping:
        theirs = {key.value: (key, value) for key, value in over.entries}
        entries = []
        for key, value in base.entries:
            ours = theirs.pop(key.value, None)
            if ours is not None:
                key, value = ours[0], self._merge(str(key.value), value, ours[1])
            entries.append((key, value))
        entries += theirs.values()
        if under == "from":
            entries.sort(key=_step)
        return Mapping(tuple(entries), over.place)

    def _rows(self, under: str, base: Sequence, over: Sequence) -> Sequence:
        """Put new rows above the base's, and those of the same name in the place of those."""
        names = {label(row, under) for row in base.items} - {None}
        theirs: dict[str, Node] = {}
        new: list[Node] = []
        before: dict[str, list[Node]] = {}
        for row in over.items:
            name = label(row, under)
            if name is None or name not in names or name in theirs:
                new.append(row)
                continue
            theirs[name] = row
            if under == "facts":  # a fact is read below itself only, so the order written counts
                before[name], new = new, []
        kept: list[Node] = []
        for row in base.items:
            name = label(row, under) or ""
            kept += before.get(name, ())
            ours = theirs.pop(name, None)
            kept.append(row if ours is None else self._row(under, row, ours))
        items = (*kept, *new) if under == "facts" else (*new, *kept)
        return Sequence(items, over.place)

    def _row(self, under: str, base: Node, over: Node) -> Node:
        """Return the row that stands for both: facts and sets are merged, other rows replaced."""
        if under not in ("facts", "highest_of") or not isinstance(base, Mapping):
            return over
        if isinstance(over, Mapping) and not _asks_the_same(base, over):
            base = _without(base, *_BODIES)
        return self._merge("", base, over)


def _without(node: Node, *keys: str) -> Node:
    if not isinstance(node, Mapping):
        return node
    return Mapping(tuple(one for one in node.entries if one[0].value not in keys), node.place)


def _asks_the_same(base: Node, over: Mapping) -> bool:
    """Return whether a fact said anew asks what it asked: the same body, field and columns."""
    for key, value in over.entries:
        before = entry(base, str(key.value))
        if key.value == "table":
            columns = entry(value, "on")
            if before is None or (columns and plain(columns) != plain(entry(before, "on") or key)):
                return False
        elif key.value == "ladder" and (before is None or plain(before) != plain(value)):
            return False
        if key.value in ("rules", "shares", "from") and before is None:
            return False
    return True


def _step(entry: tuple[Leaf, Node]) -> float:
    value = entry[0].value
    return value if isinstance(value, int | float) else 0

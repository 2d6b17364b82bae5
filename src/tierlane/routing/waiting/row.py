"""A row of the waiting line: contacts that differ in nothing but their age."""

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from tierlane.decision import Priority
from tierlane.policy.line.ordering import Lasting, Order, Waiting
from tierlane.policy.line.want import Bound
from tierlane.routing.waiting.column import Column, Mark
from tierlane.routing.waiting.kin import Kin

if TYPE_CHECKING:  # it is made of rows
    from tierlane.routing.waiting.bay import Bay


class Alike(NamedTuple):
    """What contacts have in common that differ in nothing but their age."""

    lanes: tuple[str, ...]
    """Its lane, and those whose advisors the step borrows."""
    wants: tuple[Bound, ...]
    channel: str
    budgets: tuple[str, ...]
    priority: Priority
    answer: int | None
    values: tuple[Any, ...]
    """What the keys of the order that are expressions gave."""


class Row:
    """Contacts alike that can be offered, by age; compared by identity."""

    __slots__ = (
        "_lasting",
        "_order",
        "alike",
        "bay",
        "channel",
        "fit",
        "key",
        "kin",
        "lanes",
        "looks",
        "marks",
        "number",
        "room",
        "size",
        "until",
        "version",
    )  # fmt: skip

    def __init__(self, number: int, alike: Alike, kin: Kin) -> None:
        self.number = number
        self.bay: Bay
        self.alike = alike
        self.lanes, self.channel = alike.lanes, alike.channel
        self.room = alike.channel
        """The channel by whose room its contacts come in (`Roster.place`)."""
        self.kin = kin
        self.marks = Column()
        self.size = 0
        """All that wait in it, those offered already included."""
        self.fit = 0
        """The seats that may ever take such a contact, as of `version` of the roster."""
        self.version = -1
        self.key: tuple[Any, ...] = ()
        """What the first sorts by, but for the rank of its lane; good before `until`."""
        self.until: float = -inf
        self._order: Order | None = None
        """By which the key was reckoned last."""
        self._lasting: Lasting
        self.looks = 0
        """When to look at the row again though nothing happens; 0 is never."""

    def add(self, mark: Mark) -> bool:
        """Let a contact be offered; return whether it is the first now."""
        blocks = self.marks.blocks
        self.marks.add(mark)
        if blocks[0][0] is not mark:
            return False
        self.until = -inf
        return True

    def discard(self, mark: Mark) -> bool:
        """Let a contact be offered no more, if it is there; return whether it was the first."""
        blocks = self.marks.blocks
        if not blocks or mark < blocks[0][0]:
            return False
        first = blocks[0][0] == mark
        self.marks.discard(mark)
        if first:
            self.until = -inf
        return first

    def first_key(self, order: Order, now: int) -> tuple[Any, ...]:
        """Return what the first sorts by."""
        if now >= self.until:
            if order is not self._order:
                alike, self._order = self.alike, order
                self._lasting = order.lasting_of(alike.priority, alike.answer, alike.values)
            self.key, self.until = self._lasting(*self.marks.blocks[0][0], now)
        return self.key

    def waiting(self, mark: Mark) -> Waiting:
        """Return what the order looks at of one of the row."""
        alike = self.alike
        return Waiting(mark[1], mark[0], alike.priority, alike.answer, 1, alike.values)

"""What an owner's audit tells of the order in which it saw its inputs.

The record of what an owner decided says what led to each decision: the topic and offset of an
event, a timer that fired, a revision that became active, and which version of the profile was
used. Taken in the order of `seq` that is the order in which the inputs must be done again. It is
only a hint: a record may have been tampered with, so what stands out of line is not followed.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, overload

import orjson

from tierlane.errors import Unreadable
from tierlane.value import parse_time

TIMER: Final = "timer"
ACTIVATED: Final = "activated"
REVISION: Final = "revision"
STOOD_STILL: Final = "stood_still"
CAUGHT_UP: Final = "caught_up"
NOTHING: Final = "nothing"

NO_PROFILE: Final = -1
"""A decision without a profile."""
NOT_SAID: Final = -2


class Hint(NamedTuple):
    """One audit record, as far as the order of inputs shows in it."""

    seq: int
    what: str
    """A topic, or `timer`, `activated`, `revision`, `stood_still`, `caught_up`."""
    value: int
    """The offset on the topic, or when the timer fired."""
    profile: int
    """The offset of the profile's version that was used, `NO_PROFILE`, or `NOT_SAID`."""
    seen: int
    policy: str
    """`NAME@REVISION`, of decisions and activations; else empty."""
    published: int
    """Of an activation which publication it was; 0 for a file."""
    in_flight: str
    hidden: int = 0
    """1 where an input was masked."""
    reached: tuple[tuple[str, int], ...] = ()
    """Of an activation, and at a desk: topics, and the last offset that had been read of each."""
    clock: int = 0
    """Of a record at a desk: the clock, in ms, where a timer had fired past the record's time."""
    ahead_of: str = ""
    """Of a timer that a record let fire, before it was dealt with: its topic."""


class AuditEvent(NamedTuple):
    """An audit record that was read."""

    owner: str
    kind: str
    hint: Hint
    source: str
    engine: Mapping[str, Any] | None


def read_audit(value: bytes | None) -> AuditEvent:
    """Read an audit record. Raises `Unreadable` where it is none."""
    try:
        event = orjson.loads(value or b"")
        data = event["data"]
        owner, seq, kind, cause = data["owner"], data["seq"], data["kind"], data["cause"]
        what, at = _led_by(kind, cause)
        policy = data.get("policy") or {}
        named = f"{policy.get('name')}@{policy.get('revision')}" if policy else ""
        seen = parse_time(data["seen"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("wrong-type", "no audit record") from None
    if type(owner) is not str or type(seq) is not int:
        raise Unreadable("wrong-type", "owner, seq")
    profile = NOT_SAID
    if kind == "decided":
        used = cause.get("profile")
        profile = NO_PROFILE if used is None else _number(used, "offset", NOT_SAID)
    hint = Hint(
        seq,
        what,
        at,
        profile,
        seen,
        named if kind in ("decided", ACTIVATED) else "",
        _number(data, "published", 0) if kind == ACTIVATED else 0,
        str(data.get("in_flight", "")) if kind == ACTIVATED else "",
        int(bool(data.get("masked"))),
        _reached(data.get("next") if kind == ACTIVATED else cause.get("next")),
        _number(cause, "clock", 0),
        str(cause.get("ahead_of", "")),
    )
    return AuditEvent(owner, str(kind), hint, str(event.get("source", "")), data.get("engine"))


def _led_by(kind: str, cause: Mapping[str, Any]) -> tuple[str, int]:
    if "topic" in cause:
        return str(cause["topic"]), _number(cause, "offset", -1)
    if "timer" in cause:
        what = cause["timer"] if cause["timer"] in (STOOD_STILL, CAUGHT_UP) else TIMER
        return what, _number(cause, "fired", -1)
    if "revision" in cause:
        return (ACTIVATED if kind == ACTIVATED else REVISION), 0
    return NOTHING, 0


def _reached(given: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(given, dict):
        return ()
    return tuple((topic, _number(given, topic, 0) - 1) for topic in given)


def _number(given: Any, name: str, otherwise: int) -> int:
    value = given.get(name) if isinstance(given, dict) else None
    return value if type(value) is int and abs(value) < 1 << 62 else otherwise


_NUMBERS: Final = len(Hint._fields) - 1
"""Numbers of each; what had been reached is apart."""
_AT: Final = Hint._fields.index("reached")
_NAMED: Final = tuple(
    Hint._fields.index(one) for one in ("what", "policy", "in_flight", "ahead_of")
)
"""Those that stand for names."""
_NAMED_ROW: Final = tuple(at - (at > _AT) for at in _NAMED)
"""The same where what had been reached is not among them."""


class Hints:
    """The hints of one owner, compact: some 100 bytes each."""

    def __init__(self) -> None:
        self._begins = array("q")
        """Where of each begins what had been reached."""
        self._numbers = array("q")
        self._names: dict[str, int] = {"": 0}
        self._reached = array("q")
        """How many topics, and then the number of each name and the offset; one after another."""

    def add(self, hint: Hint) -> None:
        """Take in the hint of one audit record."""
        row: list[Any] = list(hint)
        for at in _NAMED:
            row[at] = self._code(row[at])
        del row[_AT]
        self._numbers.extend(row)
        self._begins.append(len(self._reached))
        self._reached.append(len(hint.reached))
        for topic, offset in hint.reached:
            self._reached.extend((self._code(topic), offset))

    def _code(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def __len__(self) -> int:
        return len(self._begins)

    def ordered(self) -> "Ordered":
        """Return the hints by `seq`; more must not be added while it is used."""
        seqs = self._numbers[::_NUMBERS]
        return Ordered(self, array("q", sorted(range(len(seqs)), key=seqs.__getitem__)))

    def one(self, number: int, names: Sequence[str]) -> Hint:
        """Return the hint that was added as the one of a number; `names` by their codes."""
        row: list[Any] = self._numbers[number * _NUMBERS : (number + 1) * _NUMBERS].tolist()
        for at in _NAMED_ROW:
            row[at] = names[row[at]]
        row.insert(_AT, self._topics(self._begins[number], names))
        return Hint._make(row)

    def _topics(self, begin: int, names: Sequence[str]) -> tuple[tuple[str, int], ...]:
        count = self._reached[begin]
        if not count:
            return ()
        pairs = iter(self._reached[begin + 1 : begin + 1 + 2 * count])
        return tuple((names[code], offset) for code, offset in zip(pairs, pairs, strict=True))

    @property
    def names(self) -> list[str]:
        """Names by their codes."""
        return list(self._names)


class Ordered(Sequence[Hint]):
    """Hints in an order, each made when it is asked for: 8 bytes beside what `Hints` holds."""

    def __init__(self, hints: Hints, order: "array[int]") -> None:
        self._hints, self._order, self._names = hints, order, hints.names

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Hint]:
        return (self._hints.one(number, self._names) for number in self._order)

    @overload
    def __getitem__(self, at: int) -> Hint: ...

    @overload
    def __getitem__(self, at: slice) -> "Ordered": ...

    def __getitem__(self, at: int | slice) -> "Hint | Ordered":
        if isinstance(at, slice):
            return Ordered(self._hints, self._order[at])
        return self._hints.one(self._order[at], self._names)


def in_line(values: Sequence[int]) -> list[bool]:
    """Tell of each number whether it belongs to the longest part that never falls.

    What stands out of it is what was put there later, or changed.
    """
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        rank = bisect_right(tails, value)
        before.append(places[rank - 1] if rank else -1)
        if rank == len(tails):
            tails.append(value)
            places.append(at)
        else:
            tails[rank], places[rank] = value, at
    kept = [False] * len(values)
    at = places[-1] if places else -1
    while at >= 0:
        kept[at] = True
        at = before[at]
    return kept


def trusted(hints: Sequence[Hint], topics: Collection[str]) -> list[bool]:
    """Tell of each hint whether it stands in line with the others on its topic.

    Offsets only rise, so one that does not fit was put there or changed. What an activation had
    reached counts as one of them on every topic.
    """
    kept = [True] * len(hints)
    lines = {topic: (array("q"), array("q")) for topic in topics}
    for at, one in enumerate(hints):
        for topic, offset in {one.what: one.value, **dict(one.reached)}.items():
            if topic in lines:
                lines[topic][0].append(at)
                lines[topic][1].append(offset)
    for places, values in lines.values():
        for at, stays in zip(places, in_line(values), strict=True):
            kept[at] = kept[at] and stays
    return kept

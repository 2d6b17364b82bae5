"""A region → one contact in it, as plain as can be, that a case could state as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tierlane.lane import CHANNELS
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.fit import fitted
from tierlane.policy.check.region.line import OTHER, Line
from tierlane.policy.check.region.plane import Plane, member_name
from tierlane.policy.deciding.layout import LocalTime
from tierlane.policy.form.document import Document, Shares, word
from tierlane.policy.form.field import Field
from tierlane.value import format_time, parse_time

NOON: Final = parse_time("2026-01-05T12:00:00Z")
"""When an example happens, unless the policy asks for another time: a Monday."""
_DAY: Final = 86_400_000
_OFTEN: Final = ("voice", "chat", "app")


@dataclass(frozen=True, slots=True)
class Example:
    """A contact with all that `decide` takes, and as text."""

    contact: dict[str, Any]
    profile: dict[str, Any] | None
    memory: dict[str, Any] | None
    now: int
    draws: dict[str, float]
    dated: bool = False
    """Whether the moment matters: a field of it is a time, or the policy asks for `now`."""

    def __str__(self) -> str:
        parts = [f"contact: {_flow(self.contact)}", f"profile: {_flow(self.profile)}"]
        if self.memory:
            parts.append(f"memory: {_flow(self.memory)}")
        if self.draws:
            parts.append(f"draws: {_flow(self.draws)}")
        if self.dated:
            parts.append(f"now: {moment(self.now)}")
        return ", ".join(parts)

    def asked(self) -> tuple[Any, ...]:
        """Return what `decide` takes."""
        contact = {"contact_id": "example", **self.contact}
        return contact, self.profile, self.memory, self.now, self.draws


@dataclass(slots=True)
class Examples:
    """Makes examples for one policy."""

    plane: Plane
    document: Document
    local: LocalTime = field(init=False)

    def __post_init__(self) -> None:
        self.local = LocalTime(self.document.time_zone)

    def plain(self, region: int, first: tuple[str, ...] = ()) -> Example | None:
        """Return the plainest contact in a region, None where there can be none.

        What is null stays null where it may; the lines named `first` are chosen first.
        """
        classes = self.choose(region, first)
        return None if classes is None else self.build(classes)

    def choose(self, region: int, first: tuple[str, ...] = ()) -> dict[str, int] | None:
        """Return a class of the channel and of each line that a region hangs on."""
        diagram = self.plane.diagram
        region = diagram.both(region, self.plane.world())
        if region == NOTHING:
            return None
        support = diagram.support(region)
        found: dict[str, int] = {}
        for line in self._ordered(first):
            if support.isdisjoint(line.depths()):
                if line.name == "contact.channel":
                    found[line.name] = self._preferred(line)[0]
                continue
            for number in self._preferred(line):
                left = diagram.both(region, line.among(diagram, (number,)))
                if left != NOTHING:
                    region, found[line.name] = left, number
                    break
        return found

    def some(self, region: int, turns: Iterator[int]) -> dict[str, int]:
        """Return a class per line of any contact in a region that is not empty."""
        diagram = self.plane.diagram
        bits = diagram.path(diagram.both(region, self.plane.world()), turns)
        for line in self.plane.lines.values():
            for depth in line.depths():
                bits.setdefault(depth, next(turns) & 1)
        return {name: line.number(bits) for name, line in self.plane.lines.items()}

    def build(self, classes: Mapping[str, int]) -> Example:
        """Return the contact that stands for a class of every line."""
        lines = self.plane.lines
        values = {name: lines[name].values[number] for name, number in classes.items()}
        now = values.get("now")
        told = _Told(NOON if now is None else int(now), self.local, self.plane.cuts.fields)
        values = fitted(self.plane, values, told.now)
        for name in sorted(values, key=lambda one: "(" not in one):
            role, value = lines[name].role, values[name]
            if role == "draw":
                told.draws[name[5:]] = self._drawn(name[5:], value)
            elif role == "missing":
                told.put(name, None if value else self._members(name, values))
            elif role == "field":
                told.tell(name, value)
        return told.example()

    def _members(self, name: str, values: Mapping[str, Any]) -> list[str]:
        texts = sorted(self.plane.cuts.members.get(name, ()))
        return [text for text in texts if values.get(member_name(name, text))]

    def _drawn(self, name: str, value: Any) -> float:
        """Return a draw in the middle of a share."""
        start = 0.0
        for one in self.document.facts:
            if one.name == name and isinstance(one.body, Shares):
                for part, share in one.body.parts:
                    if part == value and share > 0:
                        return round(start + share / 2, 3)
                    start += share
        return 0.0

    def _ordered(self, first: tuple[str, ...]) -> list[Line]:
        lines = list(self.plane.lines.values())
        chosen = dict.fromkeys((*first, "contact.channel"))
        rank = {name: number for number, name in enumerate(chosen)}
        return sorted(lines, key=lambda line: rank.get(line.name, len(rank)))

    def _preferred(self, line: Line) -> list[int]:
        """Return the classes of a line, the plainest first."""
        numbers = range(len(line.values))

        def rank(number: int) -> tuple[int, int]:
            value = line.values[number]
            if line.name == "contact.channel":
                often = _OFTEN.index(value) if value in _OFTEN else len(_OFTEN)
                return (0 if value in (line.closed or CHANNELS) else 1, often)
            if line.name == "now":
                return (0 if value is not None else 1, abs((value or 0) - NOON))
            if line.role == "missing" or (line.role == "free" and line.name not in self.plane.free):
                return (0 if value else 1, 0)
            if value is None or value is False:
                return (0, 0)
            outside = value is OTHER or (bool(line.closed) and value not in line.closed)
            below = isinstance(value, int | float) and value < 0
            return (2 if outside or below else 1, number)

        return sorted(numbers, key=rank)


@dataclass(slots=True)
class _Told:
    """What is told of a contact, field by field."""

    now: int
    local: LocalTime
    fields: Mapping[str, Field]
    roots: dict[str, dict[str, Any]] = field(default_factory=dict)
    draws: dict[str, float] = field(default_factory=dict)
    known: bool = False
    dated: bool = False

    def tell(self, name: str, value: Any) -> None:
        """Take the value of a line; one that is reckoned is told by what it is reckoned from."""
        how, _, rest = name.partition("(")
        if value is None:
            return
        if name == "now":
            self.dated = True
            return
        if rest:
            self.put(rest[:-1], self.now - value * (_DAY if how == "days_since" else 1))
        elif name == "profile.age":
            self.put("profile.birth_year", self.local.year(self.now) - value)
        elif name == "profile":
            self.known = True
        else:
            self.put(name, value)

    def put(self, name: str, value: Any) -> None:
        """Note a field; a null says nothing."""
        if value is None:
            return
        if self.fields[name].type == "time":
            value, self.dated = moment(value), True
        root, *keys = name.split(".")
        place = self.roots.setdefault(root, {})
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place.setdefault(keys[-1], value)

    def example(self) -> Example:
        """Return the contact that was told."""
        profile = self.roots.get("profile", {} if self.known else None)
        contact, memory = self.roots.get("contact", {}), self.roots.get("memory")
        return Example(contact, profile, memory, self.now, self.draws, self.dated)


def moment(ms: int) -> str:
    """Return a time as a person writes it: without thousandths where there are none."""
    return format_time(ms).replace(".000Z", "Z")


def _flow(value: Any) -> str:
    """Return a value as a document would state it on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {_flow(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return word(value)

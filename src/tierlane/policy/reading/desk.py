"""Reads `desks`."""

import re
from typing import Final

from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.form.desk import (
    CHOICES,
    EXPRESSED,
    ORDERS,
    Desk,
    Duty,
    DutyLane,
    Key,
    Offering,
    Staffing,
)
from tierlane.policy.reading.shape import Shape, near
from tierlane.policy.reading.source import Leaf, Mapping, Node

_KEYS: Final = (
    "managed", "calendar", "order", "choose", "offer", "capacity", "wrap_up", "duties", "bound",
    "staffing", "silence", "lapse", "not_before",
)  # fmt: skip
_RATE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|m|h|d)\Z")
_HOUR: Final = {"s": 3600.0, "m": 60.0, "h": 1.0, "d": 1 / 24}


def desks(shape: Shape, node: Node | None) -> tuple[Desk, ...]:
    """Read `desks`; one without a word is managed and has the defaults."""
    if node is None:
        return ()
    return tuple(
        Desk(name, place=key.place) if _empty(value) else _desk(shape, name, key, value)
        for name, (key, value) in shape.entries(node, "`desks`").items()
    )


def _empty(node: Node | None) -> bool:
    return node is None or (isinstance(node, Leaf) and node.value is None)


def _desk(shape: Shape, name: str, key: Leaf, node: Node) -> Desk:
    entries = shape.keys(node, f"desk `{name}`", _KEYS)
    here = {one: value for one, value in entries.items() if not _empty(value)}
    plain = Desk(name)
    return Desk(
        name=name,
        managed=shape.flag(here["managed"], "`managed`") if "managed" in here else True,
        calendar=shape.calendar(here["calendar"]) if "calendar" in here else None,
        order=keys(shape, here["order"], "`order`", ORDERS) if "order" in here else plain.order,
        choose=choices(shape, here["choose"]) if "choose" in here else plain.choose,
        offer=_offer(shape, here["offer"]) if "offer" in here else plain.offer,
        capacity=_capacity(shape, here["capacity"]) if "capacity" in here else plain.capacity,
        wrap_up=_wrap_up(shape, here["wrap_up"]) if "wrap_up" in here else (),
        not_before=_not_before(shape, here.get("not_before")),
        silence=shape.duration(here["silence"], "`silence`")
        if "silence" in here
        else plain.silence,
        lapse=shape.duration(here["lapse"], "`lapse`") if "lapse" in here else plain.lapse,
        duties=_duties(shape, here["duties"]) if "duties" in here else (),
        bound=shape.duration(here["bound"], "`bound`") if "bound" in here else None,
        staffing=_staffing(shape, here["staffing"]) if "staffing" in here else None,
        stated=tuple((one, value.place) for one, value in here.items()),
        place=key.place,
    )


def _not_before(shape: Shape, node: Node | None) -> Key | None:
    return None if node is None else Key("", shape.text(node, "`not_before`"), node.place)


def keys(shape: Shape, node: Node, what: str, words: tuple[str, ...]) -> tuple[Key, ...]:
    """Read a list of keys, each one of `words` or `{first | least | most: CEL}`."""
    return tuple(
        found
        for item in shape.items(node, what)
        if (found := _key(shape, item, what, words)) is not None
    )


def choices(shape: Shape, node: Node) -> tuple[Key, ...]:
    """Read `choose`; who is first or not is no question between advisors."""
    found = keys(shape, node, "`choose`", CHOICES)
    for one in found:
        if one.how == "first":
            hint = "`{least: …}` or `{most: …}`"
            shape.report.error("unknown_sort", one.place, "`choose` has no key `first`", hint)
    return found


def _key(shape: Shape, node: Node, what: str, words: tuple[str, ...]) -> Key | None:
    if isinstance(node, Mapping):
        entries = shape.keys(node, f"a key of {what}", EXPRESSED)
        if len(entries) != 1:
            meant = "one of `first`, `least` and `most`"
            shape.wrong(node, f"a key of {what}", meant)
            return None
        ((how, value),) = entries.items()
        return Key(how, shape.text(value, f"`{how}`"), value.place)
    word = shape.text(node, f"a key of {what}")
    if word and word not in words:
        hint = near(word, words)
        shape.report.error("unknown_sort", node.place, f"{what} has no key `{word}`", hint)
    return Key(word, "", node.place) if word in words else None


def _offer(shape: Shape, node: Node) -> Offering:
    entries = shape.keys(node, "`offer`", ("lasts", "at_once", "again"))
    plain = Offering()
    again: str | int = plain.again
    if "again" in entries:
        value = entries["again"]
        word = str(value.value) if isinstance(value, Leaf) else ""
        again = word if word in ("never", "next step") else shape.duration(value, "`again`")
    return Offering(
        shape.duration(entries["lasts"], "`lasts`") if "lasts" in entries else plain.lasts,
        shape.integer(entries["at_once"], "`at_once`", 1) if "at_once" in entries else 1,
        again,
    )


def _capacity(shape: Shape, node: Node) -> Capacity:
    found = shape.entries(node, "`capacity`")
    units = shape.number(found["units"][1], "`units`", 0) if "units" in found else 1
    uses = [
        _use(shape, name, value, units) for name, (_, value) in found.items() if name != "units"
    ]
    return Capacity(units, tuple(uses))


def _use(shape: Shape, channel: str, node: Node, units: float) -> Use:
    entries = shape.keys(node, f"the capacity of `{channel}`", ("costs", "beside", "most"))
    costs = shape.number(entries["costs"], "`costs`", 0) if "costs" in entries else None
    most = shape.integer(entries["most"], "`most`", 1) if "most" in entries else None
    if costs is None:
        costs = 0 if most is not None else units  # `most` alone is a limit by number
    return Use(channel, costs, _beside(shape, entries.get("beside")), most)


def _beside(shape: Shape, node: Node | None) -> tuple[str, ...] | None:
    word = node.value if isinstance(node, Leaf) else None
    if node is None or word == "any":
        return None
    return () if word == "none" else shape.texts(node, "`beside`")


def _wrap_up(shape: Shape, node: Node) -> tuple[tuple[str, int], ...]:
    found = shape.entries(node, "`wrap_up`").items()
    return tuple((channel, shape.duration(value, f"`{channel}`")) for channel, (_, value) in found)


def _duties(shape: Shape, node: Node) -> tuple[Duty, ...]:
    found = []
    for name, (_, value) in shape.entries(node, "`duties`").items():
        lanes = shape.entries(value, f"duty `{name}`").items()
        found.append(Duty(name, tuple(_duty_lane(shape, one, *pair) for one, pair in lanes)))
    return tuple(found)


def _duty_lane(shape: Shape, lane: str, key: Leaf, node: Node) -> DutyLane:
    if not isinstance(node, Mapping):
        return DutyLane(lane, shape.integer(node, f"the rank of `{lane}`"), 0, key.place)
    entries = shape.keys(node, f"lane `{lane}` of a duty", ("rank", "after"))
    rank = shape.integer(entries["rank"], "`rank`") if "rank" in entries else 1
    after = shape.duration(entries["after"], "`after`") if "after" in entries else 0
    return DutyLane(lane, rank, after, key.place)


def _staffing(shape: Shape, node: Node) -> Staffing:
    known = ("arrivals", "service", "patience", "skills", "enforce")
    entries = shape.keys(node, "`staffing`", known, ("advisors",))
    skills = shape.entries(entries["skills"], "`skills`") if "skills" in entries else {}
    time = {
        one: shape.duration(entries[one], f"`{one}`")
        for one in ("service", "patience")
        if one in entries
    }
    return Staffing(
        shape.integer(entries["advisors"], "`advisors`") if "advisors" in entries else 0,
        rate(shape, entries["arrivals"]) if "arrivals" in entries else None,
        time.get("service"),
        time.get("patience"),
        tuple((skill, shape.integer(value, f"`{skill}`")) for skill, (_, value) in skills.items()),
        shape.flag(entries["enforce"], "`enforce`") if "enforce" in entries else False,
        node.place,
    )


def rate(shape: Shape, node: Node, what: str = "`arrivals`") -> float:
    """Return contacts an hour of `240/h`."""
    text = node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""
    if found := _RATE.match(text[:40]):
        return float(found[1]) * _HOUR[found[2]]
    shape.wrong(node, what, "a rate such as `240/h`")
    return 0.0

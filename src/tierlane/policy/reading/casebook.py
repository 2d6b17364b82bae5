"""Reads a case about one contact, and what a timeline says of each of its contacts."""

from typing import Any, Final

from tierlane.contact.event import Arrived
from tierlane.policy.form.case import MOMENT, SINGLE, Case, Given, Stated
from tierlane.policy.form.field import KNOWN
from tierlane.policy.reading.expectation import expectations
from tierlane.policy.reading.shape import Shape, duration_ms, near
from tierlane.policy.reading.source import Leaf, Mapping, Node, plain
from tierlane.profile import Membership, Profile
from tierlane.value import parse_time

FIGURES: Final = ("waiting", "on", "free", "not_asked", "oldest", "expected_wait", "left")
"""What a case may say of a lane."""

_MEMORY: Final = frozenset(path.split(".")[1] for path in KNOWN if path.startswith("memory.")) | {
    "tier",
    "count",
}
_PARTS: Final = {
    "contact": Arrived.__required_keys__ | Arrived.__optional_keys__ | {"time", "arrived_at"},
    "profile": Profile.__required_keys__ | Profile.__optional_keys__,
    "profile.membership": Membership.__optional_keys__,
    "memory": _MEMORY,
}
"""The fields that a case may state, per map."""
_OPEN: Final = ("contact.attributes", "profile.measures", "profile.signals", "memory.count")
"""Maps whose fields a policy declares; `register` looks them up."""


def given(shape: Shape, entries: dict[str, Node], name: str) -> Given:
    """Read `contact`, `profile` and `memory` of a case or of a contact in a timeline."""
    told: dict[str, Any] = {}
    fields: list[Stated] = []
    for part in ("contact", "profile", "memory"):
        node = entries.get(part)
        if node is None or (isinstance(node, Leaf) and node.value is None):
            told[part] = None
        elif isinstance(node, Mapping):
            fields += _fields(shape, part, node, name)
            told[part] = plain(node)
        else:
            shape.wrong(node, f"`{part}` of case `{name}`", "a map")
            told[part] = None
    return Given(told["contact"] or {}, told["profile"], _memory(told["memory"]), tuple(fields))


def _fields(shape: Shape, path: str, node: Node, name: str) -> list[Stated]:
    """Report unknown fields; return those that the policy must declare."""
    if path in _OPEN:
        return [
            Stated(f"{path}.{key}", leaf.place)
            for key, (leaf, _) in shape.entries(node, f"`{path}`").items()
        ]
    found = []
    for key, (leaf, value) in shape.entries(node, f"`{path}` of case `{name}`").items():
        if key not in _PARTS[path]:
            message, hint = f"case `{name}` states no field `{path}.{key}`", near(key, _PARTS[path])
            shape.report.error("unknown_field", leaf.place, message, hint)
        inner = f"{path}.{key}"
        if isinstance(value, Mapping) and (inner in _OPEN or inner in _PARTS):
            found += _fields(shape, inner, value, name)
    return found


def _memory(memory: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the memory; a tier held may be stated by its name alone."""
    if memory is not None and isinstance(memory.get("tier"), str):
        return {**memory, "tier": {"name": memory["tier"], "earned_at": None}}
    return memory


def moment(shape: Shape, node: Node | None, what: str) -> int:
    """Read a moment with an offset; returns milliseconds."""
    if node is None:
        return parse_time(MOMENT)
    try:
        return parse_time(str(node.value if isinstance(node, Leaf) else None))
    except ValueError:
        message, hint = f"{what} is no time with an offset", f"such as `{MOMENT}`"
        shape.report.error("wrong_type", node.place, message, hint)
    return parse_time(MOMENT)


def single(shape: Shape, node: Node) -> Case:
    """Read a case about one contact."""
    keys = ("profile", "memory", "now", "draws", "desk")
    entries = shape.keys(node, "a case", keys, ("case", "contact", "expect"))
    name = shape.text(entries["case"], "`case`") if "case" in entries else ""
    return Case(
        name=name,
        place=node.place,
        given=given(shape, entries, name),
        now=moment(shape, entries.get("now"), f"`now` of case `{name}`"),
        draws=_draws(shape, entries.get("draws")),
        desk=_figures(shape, entries.get("desk")),
        expect=expectations(shape, entries.get("expect"), name, SINGLE),
    )


def _draws(shape: Shape, node: Node | None) -> tuple[tuple[Stated, float], ...]:
    found = []
    for name, (key, value) in ({} if node is None else shape.entries(node, "`draws`")).items():
        draw = shape.number(value, f"the draw of `{name}`", 0)
        if draw > 100:
            message, hint = f"the draw of `{name}` is above 100", "a draw is a number from 0 to 100"
            shape.report.error("range", value.place, message, hint)
        found.append((Stated(name, key.place), draw))
    return tuple(found)


def _figures(shape: Shape, node: Node | None) -> tuple[tuple[Stated, dict[str, float]], ...]:
    found = []
    for lane, (key, value) in ({} if node is None else shape.entries(node, "`desk`")).items():
        entries = shape.keys(value, f"the figures of `{lane}`", FIGURES)
        figures = {one: _figure(shape, one, part) for one, part in entries.items()}
        found.append((Stated(lane, key.place), figures))
    return tuple(found)


def _figure(shape: Shape, name: str, node: Node) -> float:
    if name not in ("oldest", "expected_wait"):
        return shape.integer(node, f"`{name}`")
    ms = duration_ms(str(node.value)) if isinstance(node, Leaf) else None
    if ms is None:
        shape.wrong(node, f"`{name}`", "a duration such as `30s`")
    return ms or 0

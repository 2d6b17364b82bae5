"""Reads `lanes`."""

from collections.abc import Mapping
from typing import Literal

from tierlane.lane import NEXT_STEP, Detour, Lane
from tierlane.policy.form.document import Detoured, Written
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.section import kind, service
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Node

_KEYS = ("channels", "languages", "can", "scripts", "identity", "serve", "limit", "full", "closed")

Lanes = tuple[tuple[Lane, Place], ...]


def lanes(shape: Shape, node: Node | None) -> tuple[Lanes, tuple[Detoured, ...]]:
    """Read the lanes, and the plans to which full or closed ones send on."""
    if node is None:
        return (), ()
    detours: list[Detoured] = []
    found = tuple(
        (_lane(shape, name, value, detours), key.place)
        for name, (key, value) in shape.entries(node, "`lanes`").items()
    )
    return found, tuple(detours)


def _lane(shape: Shape, name: str, node: Node, detours: list[Detoured]) -> Lane:
    entries = shape.keys(node, f"lane `{name}`", _KEYS, ("kind", "desk"))
    serve = service(shape, entries["serve"]).constants if "serve" in entries else ()
    waiting, wait = _limit(shape, entries["limit"]) if "limit" in entries else (None, None)
    return Lane(
        name=name,
        kind=kind(shape, entries["kind"]) if "kind" in entries else "standard",
        desk=shape.text(entries["desk"], "`desk`") if "desk" in entries else "",
        channels=shape.texts(entries.get("channels"), "`channels`"),
        languages=shape.texts(entries.get("languages"), "`languages`"),
        can=shape.texts(entries.get("can"), "`can`"),
        scripts=shape.texts(entries.get("scripts"), "`scripts`"),
        identity=shape.integer(entries["identity"], "`identity`") if "identity" in entries else 0,
        serve=serve,
        most_waiting=waiting,
        longest_wait=wait,
        full=_detour(shape, name, "full", entries, detours),
        closed=_detour(shape, name, "closed", entries, detours),
    )


def _limit(shape: Shape, node: Node) -> tuple[int | None, int | None]:
    entries = shape.keys(node, "`limit`", ("waiting", "expected_wait"))
    waiting = shape.integer(entries["waiting"], "`waiting`") if "waiting" in entries else None
    given = entries.get("expected_wait")
    return waiting, shape.duration(given, "`expected_wait`") if given is not None else None


def _detour(
    shape: Shape,
    lane: str,
    key: Literal["full", "closed"],
    entries: Mapping[str, Node],
    detours: list[Detoured],
) -> Detour:
    """Read `next`, `wait` or `plan NAME`."""
    node = entries.get(key)
    if node is None:
        return NEXT_STEP
    text = node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""
    if text == "next":
        return NEXT_STEP
    if text == "wait":
        return Detour("wait")
    if text.startswith("plan ") and (plan := text[5:].strip()):
        detours.append(Detoured(lane, key, Written(plan, node.place)))
        return Detour("plan", plan)
    shape.wrong(node, f"`{key}` of lane `{lane}`", "`next`, `wait` or `plan NAME`")
    return NEXT_STEP

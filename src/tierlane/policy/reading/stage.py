"""Reads who takes part in a timeline: its advisors and contacts, and looks names up among them."""

from typing import Any, Final

from tierlane.policy.form.case import DESK, Duty, Given, StagedAdvisor, Stated
from tierlane.policy.reading.casebook import given
from tierlane.policy.reading.shape import Shape, duration_ms, near
from tierlane.policy.reading.source import Leaf, Mapping, Node, plain

ADVISOR: Final = (
    "duty", "skills", "languages", "channels", "can", "team", "rank", "capacity", "attributes",
    "idle", "holds",
)  # fmt: skip
"""Keys of an advisor."""


def age(shape: Shape, node: Node, what: str) -> int:
    """Read an age of the timeline, which may be nothing."""
    ms = duration_ms(str(node.value)) if isinstance(node, Leaf) else None
    if ms is None:
        shape.wrong(node, what, "the age of the timeline, such as `0s` or `299.9s`")
    return ms or 0


class Stage:
    """Knows who is on the stage while the rows are read."""

    def __init__(self, shape: Shape, case: str) -> None:
        self.shape, self.case = shape, case
        self.names: dict[str, set[str]] = {"advisor": set(), "contact": set()}
        self.arrived: set[str] = set()
        """Contacts that have arrived by the row that is read."""

    def contacts(self, node: Node | None) -> tuple[tuple[Stated, Given], ...]:
        """Read the contacts by name."""
        found = []
        for name, (key, value) in self.entries(node, "`contacts`"):
            entries = self.shape.keys(
                value, f"contact `{name}`", ("profile", "memory"), ("contact",)
            )
            if name in DESK:
                message = f"a contact cannot be called `{name}`: `expect` means the desk by it"
                self.shape.report.error("reserved_name", key.place, message)
            found.append((Stated(name, key.place), given(self.shape, entries, self.case)))
            self.names["contact"].add(name)
        return tuple(found)

    def advisors(self, node: Node | None) -> tuple[StagedAdvisor, ...]:
        """Read the advisors by name."""
        return tuple(
            self._advisor(name, key, value)
            for name, (key, value) in self.entries(node, "`advisors`")
        )

    def _advisor(self, name: str, key: Leaf, node: Node) -> StagedAdvisor:
        shape = self.shape
        self.names["advisor"].add(name)
        if isinstance(node, Leaf) and node.value is None:
            return StagedAdvisor(name, key.place)
        entries = shape.keys(node, f"advisor `{name}`", ADVISOR)
        rank = entries.get("rank")
        return StagedAdvisor(
            name=name,
            place=key.place,
            duty=self._duty(entries.get("duty")),
            skills=self._numbers(entries.get("skills"), "skill"),
            languages=shape.texts(entries.get("languages"), "`languages`"),
            channels=shape.texts(entries.get("channels"), "`channels`"),
            can=shape.texts(entries.get("can"), "`can`"),
            team=shape.text(entries["team"], "`team`") if "team" in entries else "",
            rank=None if rank is None else shape.number(rank, "`rank`", 0),
            capacity=self._numbers(entries.get("capacity"), "capacity"),
            attributes=self._attributes(entries.get("attributes")),
            idle=age(shape, entries["idle"], "`idle`") if "idle" in entries else 0,
            holds=tuple(
                (channel, int(count))
                for channel, count in self._numbers(entries.get("holds"), "number held")
            ),
        )

    def _attributes(self, node: Node | None) -> dict[str, Any] | None:
        if node is None:
            return None
        self.shape.entries(node, "`attributes`")
        return plain(node) if isinstance(node, Mapping) else None

    def _duty(self, node: Node | None) -> Stated | tuple[Duty, ...] | None:
        if node is None:
            return None
        if isinstance(node, Leaf):
            return Stated(self.shape.text(node, "`duty`"), node.place)
        found = []
        for lane, (key, value) in self.shape.entries(node, "`duty`").items():
            stated = Stated(lane, key.place)
            if isinstance(value, Mapping):
                parts = self.shape.keys(value, f"the duty for `{lane}`", ("after",), ("rank",))
                after = age(self.shape, parts["after"], "`after`") if "after" in parts else 0
                rank = self.shape.number(parts["rank"], "`rank`", 0) if "rank" in parts else 1
                found.append(Duty(stated, rank, after))
            else:
                found.append(Duty(stated, self.shape.number(value, f"the rank of `{lane}`", 0)))
        return tuple(found)

    def _numbers(self, node: Node | None, what: str) -> tuple[tuple[str, float], ...]:
        return tuple(
            (name, self.shape.number(value, f"the {what} of `{name}`", 0))
            for name, (_, value) in self.entries(node, f"a map of {what}")
        )

    def entries(self, node: Node | None, what: str) -> list[tuple[str, tuple[Leaf, Node]]]:
        """Return name, key and value of each entry of a map that may be left out."""
        return [] if node is None else list(self.shape.entries(node, what).items())

    def name(self, node: Node, what: str) -> Stated:
        """Read a name with its place."""
        return Stated(self.shape.text(node, what), node.place)

    def one_of(self, node: Node | None, what: str, words: tuple[str, ...]) -> str:
        """Read one of some words; left out it is the first."""
        if node is None:
            return words[0]
        if isinstance(node, Leaf) and node.value in words:
            return str(node.value)
        self.shape.wrong(node, what, ", ".join(f"`{one}`" for one in words))
        return words[0]

    def known(self, one: Stated, kind: str) -> bool:
        """Tell whether the case states an advisor or contact; one it does not is reported."""
        if one.name and one.name not in self.names[kind]:
            message = f"case `{self.case}` has no {kind} `{one.name}`"
            hint = near(one.name, self.names[kind])
            self.shape.report.error("unknown_in_case", one.place, message, hint)
            return False
        return bool(one.name)

    def present(self, one: Stated) -> None:
        """Report a contact to which something happens before it has arrived."""
        if self.known(one, "contact") and one.name not in self.arrived:
            message, hint = f"contact `{one.name}` has not arrived yet", "state it under `arrives`"
            self.shape.report.error("timeline_order", one.place, message, hint)

"""Where every contact of a managed desk is, as anybody can read it from the topics.

Pure: takes lane entries, offers and audit records, in the order in which each topic has them, and
tells who waits where, who serves whom, what is worth telling, and in the end what is missing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tierlane.routing.published import CONFIRMED, OFFERED, REVOKED
from tierlane.value import parse_time

OVER: Final = frozenset({"finished", "left", "closed", "lapsed"})
"""Kinds of a desk's audit record after which a contact is over."""

TOLD: Final = frozenset({
    "offered", "confirmed", "declined", "expired", "escalated", "finished", "left", "closed",
    "lapsed", "ordered",
})  # fmt: skip
"""Kinds of audit record that are worth telling when they happen."""


class News(NamedTuple):
    """Something worth telling."""

    at: int
    kind: str
    contact_id: str
    advisor_id: str = ""
    lane: str = ""


@dataclass(slots=True)
class Seen:
    """One contact as the topics tell of it."""

    id: str
    lane: str = ""
    lane_kind: str = ""
    entered: int = 0
    respond_by: int | None = None
    offered_to: set[str] = field(default_factory=set)
    served_by: str = ""
    answered: int = 0
    """When it was confirmed first."""
    came_back: int = 0
    """How often it was taken from who served it."""
    over: str = ""
    ends: int = 0
    """How many records say that it is over."""
    steps: list[News] = field(default_factory=list)
    """What its audit records tell, in their order."""

    @property
    def waits(self) -> bool:
        """Whether it is in line, offered or not."""
        return bool(self.lane) and not self.served_by and not self.over


class LaneRow(NamedTuple):
    """One lane now."""

    lane: str
    kind: str
    waiting: int
    offered: int
    oldest: int | None
    """Ms that the first has waited in its step."""
    served: int


class Board:
    """Follows one installation."""

    def __init__(self) -> None:
        self.contacts: dict[str, Seen] = {}
        self.news: list[News] = []
        self.served: Counter[str] = Counter()
        """Contacts finished, by advisor."""
        self.kinds: Counter[str] = Counter()
        """Audit records by kind."""
        self.records = 0
        """Records taken so far."""
        self.rejected = 0
        self._lanes: dict[str, str] = {}

    # ------------------------------------------------------------------ what is read

    def entered(self, data: Mapping[str, Any]) -> None:
        """Take a lane entry."""
        self.records += 1
        one = self._contact(data)
        one.lane, one.lane_kind = data["lane"], data["kind"]
        one.entered = parse_time(data["entered_at"])
        respond_by = data.get("respond_by")
        one.respond_by = None if respond_by is None else parse_time(respond_by)
        self._lanes.setdefault(data["lane"], data["kind"])

    def offer(self, kind: str, data: Mapping[str, Any], at: int) -> None:
        """Take a record of `advisor.offers`, written at a moment in ms."""
        self.records += 1
        if kind not in (OFFERED, CONFIRMED, REVOKED):
            return  # about an advisor (`signed_off`, `refused`), and no contact
        one, advisor = self._contact(data), str(data["advisor_id"])
        if kind == OFFERED:
            one.offered_to.add(advisor)
            return
        one.offered_to.discard(advisor)
        if kind == CONFIRMED:
            one.offered_to.clear()
            one.served_by = advisor
            one.answered = one.answered or at
        elif one.served_by == advisor and not one.over:
            one.served_by = ""
            one.came_back += 1
            self.news.append(News(at, f"back: {data['reason']}", one.id, advisor, one.lane))

    def audit(self, data: Mapping[str, Any]) -> None:
        """Take an audit record."""
        self.records += 1
        kind, contact_id = str(data["kind"]), data.get("contact_id")
        self.kinds[kind] += 1
        if contact_id is None:
            return
        one = self._contact(data)
        if kind != "decided" and not str(data["owner"]).startswith("desk-"):
            return  # intake hears from the desk, and says once more what the desk said
        advisor = str(data.get("advisor") or "")
        if kind in ("expired", "declined"):
            one.offered_to.discard(advisor)
        news = News(parse_time(data["at"]), kind, one.id, advisor, str(data.get("lane") or ""))
        one.steps.append(news)
        if kind in TOLD:
            self.news.append(news)
        if kind in OVER:
            one.over = str(data.get("reason") or kind) if kind == "left" else kind
            one.ends += 1
            if kind == "finished":
                self.served[one.served_by or advisor] += 1

    def _contact(self, data: Mapping[str, Any]) -> Seen:
        name = str(data["contact_id"])
        return self.contacts.setdefault(name, Seen(name))

    # ------------------------------------------------------------------ what it tells

    @property
    def over(self) -> Counter[str]:
        """How many contacts ended, by how."""
        return Counter(one.over for one in self.contacts.values() if one.over)

    @property
    def open(self) -> int:
        """How many contacts are not over."""
        return sum(not one.over for one in self.contacts.values())

    def lanes(self, now: int) -> list[LaneRow]:
        """Return the lanes that anybody was in, by name; `now` in ms."""
        found = []
        for lane, kind in sorted(self._lanes.items()):
            here = [one for one in self.contacts.values() if one.lane == lane]
            waiting = [one for one in here if one.waits]
            found.append(
                LaneRow(
                    lane,
                    kind,
                    len(waiting),
                    sum(bool(one.offered_to) for one in waiting),
                    max((now - one.entered for one in waiting), default=None),
                    sum(bool(one.answered) for one in here),
                )
            )
        return found

    def serving(self) -> dict[str, list[str]]:
        """Return the contacts that each advisor serves now."""
        found: dict[str, list[str]] = {}
        for one in self.contacts.values():
            if one.served_by and not one.over:
                found.setdefault(one.served_by, []).append(one.id)
        return found

    def promises(self) -> tuple[int, int]:
        """Return of how many promises of an answer how many were kept."""
        made = [one for one in self.contacts.values() if one.respond_by and one.answered]
        return len(made), sum(one.answered <= (one.respond_by or 0) for one in made)

    def saved(self) -> list[str]:
        """Return the contacts whose promise was kept because they were moved on before."""
        return [
            one.id
            for one in self.contacts.values()
            if one.respond_by
            and 0 < one.answered <= one.respond_by
            and any(step.kind == "escalated" and step.at < one.answered for step in one.steps)
        ]

    def faults(self, expected: int) -> list[str]:
        """Return, in words, what keeps `expected` contacts from being accounted for."""
        twice = sum(one.ends > 1 for one in self.contacts.values())
        counted = {
            f"of {expected:,} contacts {len(self.contacts):,} were seen": (
                len(self.contacts) != expected
            ),
            f"{self.open:,} contacts are not over": self.open,
            f"{twice:,} contacts ended twice": twice,
            f"{self.rejected:,} records were rejected": self.rejected,
        }
        return [text for text, wrong in counted.items() if wrong]

"""Reads a case on a timeline: advisors, contacts, and rows of what happens and is expected.

The form is fixed; a row is applied in the order that `ACTIONS` states. Whatever a row names must
have been stated, and a contact must have arrived before anything else happens to it.
"""

from collections.abc import Iterable
from typing import Final

from tierlane.policy.form.case import (
    COURSE,
    DESK,
    SINGLE,
    Expected,
    Given,
    Moment,
    Order,
    Stated,
    Timeline,
)
from tierlane.policy.reading.casebook import given, moment
from tierlane.policy.reading.expectation import desk_expectation, expectations
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node
from tierlane.policy.reading.stage import Stage, age

ACTIONS: Final = (
    "standstill", "publish", "in_flight", "advisors", "heartbeats", "arrives", "updates", "leaves",
    "accepts", "declines", "finishes", "orders",
)  # fmt: skip
"""What may happen in a row, in the order in which it is applied; timers due by then fire first."""

_STATES: Final = ("on", "off", "break", "silent")
_ANSWERS: Final = ("accepts", "declines", "finishes")
_ENDS: Final = ("abandoned", "ended")
_ORDERS: Final = ("close", "open", "move", "release", "halt", "resume")


def timeline(shape: Shape, node: Node) -> Timeline:
    """Read a case on a timeline."""
    keys = ("start", "advisors", "answers")
    entries = shape.keys(node, "a case", keys, ("case", "contacts", "timeline"))
    name = shape.text(entries["case"], "`case`") if "case" in entries else ""
    stage = Stage(shape, name)
    advisors = stage.advisors(entries.get("advisors"))
    contacts = stage.contacts(entries.get("contacts"))
    moments = _Rows(stage).moments(entries.get("timeline"))
    if entries.get("timeline") and not any(one.expect or one.desk for one in moments):
        place = entries["timeline"].place
        shape.report.error("missing_key", place, f"case `{name}` expects nothing", "add `expect`")
    return Timeline(
        name=name,
        place=node.place,
        start=moment(shape, entries.get("start"), f"`start` of case `{name}`"),
        advisors=advisors,
        contacts=contacts,
        moments=moments,
        accepts_all=_accepts_all(shape, entries.get("answers")),
    )


def _accepts_all(shape: Shape, node: Node | None) -> bool:
    if node is not None and not (isinstance(node, Leaf) and node.value == "accept"):
        shape.wrong(node, "`answers`", "`accept`")
    return node is not None


class _Rows:
    """Reads the rows one after the other, so that it knows who has arrived."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.shape, self.case = stage, stage.shape, stage.case
        self.still = False
        """Whether the desks stand still by the row that is read."""

    def moments(self, node: Node | None) -> tuple[Moment, ...]:
        """Read the rows; their ages ascend."""
        found: list[Moment] = []
        for item in self.shape.items(node, "`timeline`"):
            one = self._moment(item)
            if found and one.at <= found[-1].at:
                hint = "what happens at one age stands in one row"
                message = "a row is not later than the one before"
                self.shape.report.error("timeline_order", one.place, message, hint)
            found.append(one)
        return tuple(found)

    def _moment(self, node: Node) -> Moment:
        entries = self.shape.keys(node, "a row of `timeline`", (*ACTIONS, "expect"), ("at",))
        publish = entries.get("publish")
        advisors = self._worded(entries.get("advisors"), "advisor", _STATES)
        heartbeats = self._heartbeats(entries.get("heartbeats"))
        arrives = self._arrivals(entries.get("arrives"))
        updates = self._updates(entries.get("updates"))
        leaves = self._worded(entries.get("leaves"), "contact", _ENDS)
        pairs = {key: self._pairs(entries.get(key), key) for key in _ANSWERS}
        listed = map(self._order, self.shape.items(entries.get("orders"), "`orders`"))
        orders = tuple(one for one in listed if one is not None)
        expect, desk = self._expected(entries.get("expect"))
        return Moment(
            at=age(self.shape, entries["at"], "`at`") if "at" in entries else 0,
            place=node.place,
            standstill=self._standstill(entries.get("standstill")),
            publish=None if publish is None else self.stage.name(publish, "`publish`"),
            in_flight=self.stage.one_of(
                entries.get("in_flight"), "`in_flight`", ("pin", "reroute")
            ),
            advisors=advisors,
            heartbeats=heartbeats,
            arrives=arrives,
            updates=updates,
            leaves=leaves,
            accepts=pairs["accepts"],
            declines=pairs["declines"],
            finishes=pairs["finishes"],
            orders=orders,
            expect=expect,
            desk=desk,
        )

    def _standstill(self, node: Node | None) -> str:
        """Read `begins` or `ends`, each only after the other."""
        if node is None:
            return ""
        word = self.stage.one_of(node, "`standstill`", ("begins", "ends"))
        if (word == "ends") != self.still:
            message = "a standstill ends after it began, and begins after it ended"
            self.shape.report.error("timeline_order", node.place, message)
        self.still = word == "begins"
        return word

    def _heartbeats(self, node: Node | None) -> tuple[tuple[Stated, tuple[Stated, ...]], ...]:
        """Read a map from an advisor to the contacts that are listed."""
        found = []
        for name, (key, value) in self.stage.entries(node, "`heartbeats`"):
            one = Stated(name, key.place)
            self.stage.known(one, "advisor")
            items = self.shape.items(value, f"what `{name}` has")
            listed = [self.stage.name(item, "a contact") for item in items]
            for contact in listed:
                self.stage.known(contact, "contact")
            found.append((one, tuple(listed)))
        return tuple(found)

    def _arrivals(self, node: Node | None) -> tuple[Stated, ...]:
        found = []
        for item in self.shape.items(node, "`arrives`"):
            one = self.stage.name(item, "a contact")
            if self.stage.known(one, "contact"):
                if one.name in self.stage.arrived:
                    message = f"contact `{one.name}` has arrived already"
                    self.shape.report.error("timeline_order", one.place, message)
                self.stage.arrived.add(one.name)
            found.append(one)
        return tuple(found)

    def _updates(self, node: Node | None) -> tuple[tuple[Stated, Given], ...]:
        found = []
        for name, (key, value) in self.stage.entries(node, "`updates`"):
            one = Stated(name, key.place)
            self.stage.present(one)
            found.append((one, given(self.shape, {"contact": value}, self.case)))
        return tuple(found)

    def _worded(
        self, node: Node | None, kind: str, words: tuple[str, ...]
    ) -> tuple[tuple[Stated, str], ...]:
        """Read a map from a contact or advisor to one of some words."""
        found = []
        for name, (key, value) in self.stage.entries(node, f"a map from {kind} to a word"):
            one = Stated(name, key.place)
            if kind == "contact":
                self.stage.present(one)
            else:
                self.stage.known(one, kind)
            found.append((one, self.stage.one_of(value, f"`{name}`", words)))
        return tuple(found)

    def _pairs(self, node: Node | None, what: str) -> tuple[tuple[Stated, Stated], ...]:
        found = []
        for name, (key, value) in self.stage.entries(node, f"`{what}`"):
            advisor, contact = Stated(name, key.place), self.stage.name(value, "a contact")
            self.stage.known(advisor, "advisor")
            self.stage.present(contact)
            found.append((advisor, contact))
        return tuple(found)

    def _order(self, node: Node) -> Order | None:
        entries = self.shape.keys(node, "an order", (*_ORDERS, "to", "until"))
        stated = [key for key in _ORDERS if key in entries]
        if len(stated) != 1:
            hint = (
                "`close: LANE`, `open: LANE`, `move: CONTACT, to: LANE`, `release: CONTACT`, "
                "`halt: DESK` or `resume: DESK`"
            )
            message = "an order needs exactly one of its keys"
            self.shape.report.error("missing_key", node.place, message, hint)
            return None
        what = stated[0]
        target = self.stage.name(entries[what], f"`{what}`")
        if what in ("move", "release"):
            self.stage.present(target)
        if ("to" in entries) != (what == "move"):
            self.shape.report.error("missing_key", node.place, "`move` and `to` go together")
        until = entries.get("until")
        return Order(
            what,
            target,
            self.stage.name(entries["to"], "`to`") if "to" in entries else None,
            None if until is None else age(self.shape, until, "`until`"),
        )

    def _expected(
        self, node: Node | None
    ) -> tuple[tuple[tuple[Stated, tuple[Expected, ...]], ...], tuple[Expected, ...]]:
        contacts, desk = [], []
        for name, (key, value) in self.stage.entries(node, "`expect`"):
            if name in DESK:
                desk.append(desk_expectation(self.shape, name, value))
                self._look(value, name)
                continue
            one = Stated(name, key.place)
            self.stage.present(one)
            contacts.append((one, expectations(self.shape, value, self.case, (*SINGLE, *COURSE))))
        return tuple(contacts), tuple(desk)

    def _look(self, node: Node, key: str) -> None:
        """Look up the advisors and contacts named in what is expected of the desks."""
        outer, inner = {
            "offers": ("advisor", "contact"), "not_offered": ("advisor", "contact"),
            "order": ("", "contact"), "choose": ("contact", "advisor"),
            "fit": ("contact", "advisor"),
        }[key]  # fmt: skip
        for name, (leaf, value) in self.stage.entries(node, f"`{key}`"):
            if outer:
                self.stage.known(Stated(name, leaf.place), outer)
            named: Iterable[Node] = ()
            if isinstance(value, Mapping):
                named = [one for one, _ in value.entries]
            elif not isinstance(value, Leaf):
                named = value.items
            for one in named:
                if isinstance(one, Leaf) and isinstance(one.value, str):
                    self.stage.known(Stated(one.value, one.place), inner)

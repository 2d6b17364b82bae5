"""Reads a staffing file: advisors by group and hours, breaks, service, patience and offers."""

from dataclasses import replace
from math import inf
from typing import Any, Final

from tierlane.policy.form.case import StagedAdvisor
from tierlane.policy.form.finding import PolicyError, Report
from tierlane.policy.reading.calendar import span
from tierlane.policy.reading.shape import Shape, near
from tierlane.policy.reading.source import Leaf, Mapping, Node, read
from tierlane.policy.reading.source import Mapping as MapNode
from tierlane.policy.reading.stage import ADVISOR, Stage
from tierlane.replay.simulation.behaviour import FIELDS, Behaviour, Row
from tierlane.replay.simulation.distribution import (
    Distribution,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    LogNormal,
    Never,
    Survival,
)
from tierlane.replay.simulation.staffing import Group, Hours, Pause, Staffing
from tierlane.replay.simulation.timetable import values

KINDS: Final = (
    "fixed", "exponential", "lognormal", "gamma", "empirical", "survival", "never",
)  # fmt: skip
_TOP: Final = ("time_zone", "service", "patience", "offers")
_OWN: Final = ("desk", "breaks", "pace", "leave_first", "names")
"""Keys of a group beside those of an advisor in a timeline."""


class StaffingError(PolicyError):
    """the staffing cannot be used"""


def read_staffing(text: bytes, source: str) -> Staffing:
    """Return what a staffing file says; raises StaffingError with every fault and its place."""
    report = Report()
    try:
        staffing = _Reader(Shape(report), read(text, source)).staffing()
    except PolicyError as error:  # no YAML at all
        raise StaffingError(error.findings) from None
    if report.errors:
        raise StaffingError(report.errors)
    return staffing


class _Reader:
    """Reads one document."""

    def __init__(self, shape: Shape, node: Node) -> None:
        self.shape, self.node = shape, node
        self.stage = Stage(shape, "staffing")

    def staffing(self) -> Staffing:
        """Read the whole."""
        shape = self.shape
        entries = shape.keys(self.node, "a staffing file", _TOP, ("staffing", "advisors"))
        plain = Behaviour()
        offers = self._offers(entries.get("offers"), plain)
        behaviour = replace(
            offers,
            service=self.rows(entries["service"], "`service`", FIELDS)
            if "service" in entries else plain.service,
            patience=self.rows(entries["patience"], "`patience`", FIELDS[:5])
            if "patience" in entries else plain.patience,
        )  # fmt: skip
        return Staffing(
            name=shape.label(entries["staffing"], "`staffing`") if "staffing" in entries else "",
            groups=self._groups(entries.get("advisors")),
            zone=shape.time_zone(entries["time_zone"]) if "time_zone" in entries else "UTC",
            behaviour=behaviour,
        )

    # ------------------------------------------------------------------ advisors

    def _groups(self, node: Node | None) -> tuple[Group, ...]:
        found = self.stage.entries(node, "`advisors`")
        if node is not None and isinstance(node, Mapping) and not found:
            self.shape.report.error("missing_key", node.place, "`advisors` names no group")
        return tuple(self._group(name, key, value) for name, (key, value) in found)

    def _group(self, name: str, key: Leaf, node: Node) -> Group:
        shape = self.shape
        entries = shape.keys(node, f"group `{name}`", (*_OWN, *ADVISOR), ("count",))
        what = f"`count` of group `{name}`"
        count = entries.get("count")
        hours = () if count is None else tuple(
            Hours(number, one.begin, one.end, one.weekdays)
            for one, number in values(shape, count, what, shape.integer)
        )  # fmt: skip
        group = Group(
            advisor=self._advisor(name, key, node),
            hours=hours,
            desk=shape.text(entries["desk"], "`desk`") if "desk" in entries else "",
            pauses=self._pauses(entries.get("breaks"), f"`breaks` of group `{name}`"),
            pace=self._pace(entries.get("pace")),
            idle_first=self._idle_first(entries.get("leave_first")),
            names=shape.texts(entries["names"], "`names`") if "names" in entries else (),
        )
        if group.names:
            self._named(group, entries["names"])
        return group

    def _named(self, group: Group, node: Node) -> None:
        names, what = group.names, f"`names` of group `{group.name}`"
        if len(names) < group.peak:
            message = f"{what} names {len(names)} of {group.peak} advisors"
            self.shape.report.error("range", node.place, message)
        if len(set(names)) < len(names):
            self.shape.report.error("range", node.place, f"{what} has a name more than once")

    def _advisor(self, name: str, key: Leaf, node: Node) -> StagedAdvisor:
        """Read what each of a group can do, by the keys of an advisor in a timeline."""
        pairs = node.entries if isinstance(node, MapNode) else ()
        rest = tuple((one, value) for one, value in pairs if one.value in ADVISOR)
        about = MapNode(((key, MapNode(rest, node.place)),), node.place)
        (advisor,) = self.stage.advisors(about) or (StagedAdvisor(name, key.place),)
        return advisor

    def _pauses(self, node: Node | None, what: str) -> tuple[Pause, ...]:
        found = []
        for text, (key, value) in self.stage.entries(node, what):
            minutes = span(self.shape, Leaf(text, key.place), f"a window of {what}")
            lasts = self.shape.duration(value, f"a break of {what}")
            if minutes is None:
                continue
            if lasts > (minutes[1] - minutes[0]) * 60_000:
                message = f"a break of {what} lasts longer than its window"
                self.shape.report.error("range", value.place, message)
            found.append(Pause(*minutes, lasts))
        return tuple(found)

    def _idle_first(self, node: Node | None) -> bool:
        words = ("last", "idle")
        return self.stage.one_of(node, "`leave_first`", words) == "idle"

    def _pace(self, node: Node | None) -> float:
        if node is None:
            return 1.0
        number = self.shape.number(node, "`pace`", 0)
        if not number:
            self.shape.report.error("range", node.place, "`pace` must be above 0")
        return float(number)

    # ------------------------------------------------------------------ behaviour

    def _offers(self, node: Node | None, plain: Behaviour) -> Behaviour:
        if node is None:
            return plain
        entries = self.shape.keys(node, "`offers`", ("delay", "declines"))
        delay, declines = entries.get("delay"), entries.get("declines")
        return replace(
            plain,
            delay=plain.delay if delay is None else self.times(delay, "`delay`"),
            declines=0.0 if declines is None else self._share(declines, "`declines`"),
        )

    def _share(self, node: Node, what: str) -> float:
        text = node.value if isinstance(node, Leaf) else None
        if isinstance(text, str) and text.endswith("%"):
            try:
                share = float(text[:-1]) / 100
            except ValueError:
                share = -1.0
            if 0 <= share < 1:
                return share
        self.shape.wrong(node, what, "a share below 100 %, such as `5%`")
        return 0.0

    def rows(self, node: Node, what: str, fields: tuple[str, ...]) -> tuple[Row, ...]:
        """Read rows of times, the first that fits is taken."""
        return tuple(self._row(one, what, fields) for one in self.shape.items(node, what))

    def _row(self, node: Node, what: str, fields: tuple[str, ...]) -> Row:
        if isinstance(node, Leaf):
            return Row(self._word(node, what))
        entries = self.shape.keys(node, f"a row of {what}", (*fields, *KINDS, "recorded"))
        fits = tuple(
            (field, self._names(entries[field], f"`{field}`")) for field in fields
            if field in entries
        )  # fmt: skip
        kinds = [one for one in entries if one not in fields]
        if len(kinds) != 1:
            known = ", ".join(f"`{one}`" for one in (*KINDS, "recorded"))
            message = f"a row of {what} states one distribution of times"
            self.shape.report.error("missing_key", node.place, message, f"one of {known}")
            return Row(None, fits)
        if kinds == ["recorded"]:
            self.shape.flag(entries["recorded"], "`recorded`")
            return Row(None, fits)
        return Row(self._kind(kinds[0], entries[kinds[0]], what), fits)

    def _word(self, node: Leaf, what: str) -> Distribution | None:
        if node.value in ("recorded", "never"):
            return None if node.value == "recorded" else Never()
        self.shape.wrong(node, f"a row of {what}", "`recorded`, `never` or a map")
        return None

    def _names(self, node: Node, what: str) -> frozenset[str]:
        if isinstance(node, Leaf):
            return frozenset((self.shape.text(node, what),))
        return frozenset(self.shape.texts(node, what))

    def times(self, node: Node, what: str) -> Distribution:
        """Read a distribution that stands alone: `{exponential: 4m}`."""
        entries = self.shape.keys(node, what, KINDS)
        if len(entries) != 1:
            hint = near("", KINDS)
            message = f"{what} states one distribution of times"
            self.shape.report.error("missing_key", node.place, message, hint)
            return Never()
        ((kind, value),) = entries.items()
        return self._kind(kind, value, what)

    def _kind(self, kind: str, node: Node, what: str) -> Distribution:
        shape, what = self.shape, f"`{kind}` of {what}"
        if kind == "never":
            shape.flag(node, what)
            return Never()
        if kind in ("fixed", "exponential"):
            time = self._time(node, what)
            return Fixed(time) if kind == "fixed" else Exponential(time)
        if kind == "lognormal":
            entries = shape.keys(node, what, (), ("median", "sigma"))
            sigma = self._above(entries.get("sigma"), "`sigma`")
            return LogNormal(self._time(entries.get("median"), "`median`"), sigma)
        if kind == "gamma":
            entries = shape.keys(node, what, (), ("mean", "shape"))
            number = self._above(entries.get("shape"), "`shape`")
            return Gamma(self._time(entries.get("mean"), "`mean`"), number)
        if kind == "empirical":
            items = shape.items(node, what)
            times = sorted(self._time(one, f"a time of {what}") for one in items)
            if not times and not shape.report.errors:
                shape.report.error("range", node.place, f"{what} needs a time")
            return Empirical(tuple(times) or (1.0,))
        return self._survival(node, what)

    def _survival(self, node: Node, what: str) -> Distribution:
        shape = self.shape
        entries = shape.keys(node, what, ("tail",), ("times", "remaining"))
        times = [self._time(one, "`times`") for one in shape.items(entries.get("times"), "`times`")]
        left = [
            float(shape.number(one, "`remaining`", 0))
            for one in shape.items(entries.get("remaining"), "`remaining`")
        ]
        falls = left == sorted(left, reverse=True) and all(one <= 1 for one in left)
        if len(times) != len(left) or times != sorted(times) or not falls:
            message = f"{what} needs times that ascend, and as many shares that fall from 1 to 0"
            shape.report.error("range", node.place, message)
        tail = self._time(entries["tail"], "`tail`") if "tail" in entries else inf
        return Survival(tuple(times), tuple(left), tail)

    def _time(self, node: Node | None, what: str) -> float:
        """Read a duration, or a number of ms as results write it."""
        value: Any = node.value if isinstance(node, Leaf) else None
        if type(value) in (int, float) and value > 0:
            return float(value)
        return float(self.shape.duration(node, what)) if node is not None else 1.0

    def _above(self, node: Node | None, what: str) -> float:
        number = float(self.shape.number(node, what, 0)) if node is not None else 1.0
        if not number and node is not None:
            self.shape.report.error("range", node.place, f"{what} must be above 0")
        return number or 1.0

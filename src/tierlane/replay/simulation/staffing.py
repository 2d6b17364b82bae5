"""Staffing: groups of advisors, how many are on duty when, and their breaks; as turns by time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from tierlane.errors import UsageError
from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import StagedAdvisor, Stated
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.timeline.stage import desk_of, signed_on
from tierlane.routing.waiting.event import SignedOn

MINUTES: Final = 24 * 60
EVERY_DAY: Final = frozenset(range(7))
_LONGEST: Final = 366
"""Days of a roster: who wants more has mistyped a date."""

ON, BREAK, OFF = "on", "break", "off"


@dataclass(frozen=True, slots=True)
class Hours:
    """So many advisors from one minute of the day to another, on some weekdays."""

    advisors: int
    begin: int = 0
    end: int = MINUTES
    weekdays: frozenset[int] = EVERY_DAY
    """0 is Monday."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A break that each advisor takes once in a window, one after the other as far as it goes."""

    begin: int
    end: int
    lasts: int
    """Ms."""


@dataclass(frozen=True, slots=True)
class Group:
    """Advisors alike: what they can do, how many there are when, and how fast they are."""

    advisor: StagedAdvisor
    """What each can do, under the name of the group."""
    hours: tuple[Hours, ...]
    desk: str = ""
    """Empty: that of the duty, else the only desk there is."""
    pauses: tuple[Pause, ...] = ()
    pace: float = 1.0
    """Times of service are multiplied by it."""
    idle_first: bool = False
    """Whether those leave who are idle first when fewer are needed; else the highest numbers."""
    names: tuple[str, ...] = ()
    """Of its advisors, in their order; who is beyond it is called by group and number."""

    @property
    def name(self) -> str:
        """The name of the group."""
        return self.advisor.name

    @property
    def peak(self) -> int:
        """The most advisors on duty at once."""
        return max((one.advisors for one in self.hours), default=0)

    def scaled(self, peak: int) -> "Group":
        """Return the group with another peak, the other hours in proportion, rounded up."""
        most = self.peak or 1
        hours = tuple(replace(h, advisors=-(-h.advisors * peak // most)) for h in self.hours)
        return replace(self, hours=hours)


class Seated(NamedTuple):
    """One advisor of a group, at a desk."""

    name: str
    group: str
    desk: str
    pace: float
    event: SignedOn
    idle_first: bool = False


class Turn(NamedTuple):
    """An advisor comes on duty, takes a break or leaves."""

    at: int
    advisor: Seated
    state: str


@dataclass(frozen=True, slots=True)
class Staffing:
    """Groups of advisors and how contacts and advisors behave."""

    name: str
    groups: tuple[Group, ...]
    zone: str = "UTC"
    behaviour: Behaviour = Behaviour()

    def group(self, name: str) -> Group:
        """Return a group; raises UsageError where there is none of the name."""
        found = next((one for one in self.groups if one.name == name), None)
        if found is None:
            known = ", ".join(f"`{one.name}`" for one in self.groups)
            raise UsageError(f"no group `{name}` in the staffing", hint=f"there is {known}")
        return found

    def with_peak(self, name: str, peak: int) -> "Staffing":
        """Return the staffing with so many advisors at the peak of one group."""
        self.group(name)
        groups = (one.scaled(peak) if one.name == name else one for one in self.groups)
        return replace(self, groups=tuple(groups))

    def roster(self, revision: Revision, begin: int, end: int) -> tuple[Turn, ...]:
        """Return all turns between two moments in ms, by time; raises UsageError.

        Who is on duty at `begin` comes on then.
        """
        zone, turns = ZoneInfo(self.zone), list[Turn]()
        for group in self.groups:
            line = _line(group, revision)
            for number in range(group.peak):
                spans = _merged(_spans(group, number, zone, begin, end))
                seated = _seated(group, number, line, begin)
                turns += _turns(seated, spans, _breaks(group, number, zone, begin, end))
        # Advisors of one moment in the order of the file, so that ids decide nothing by chance.
        turns.sort(key=lambda one: one.at)
        return tuple(turns)


def _line(group: Group, revision: Revision) -> Line:
    """Return the desk of a group; raises UsageError where it is none, or not told."""
    lines = {one.desk: one for one in revision.lines}
    if group.desk:
        if group.desk not in lines:
            _refuse(group, f"no desk `{group.desk}` in the policy", lines)
        return lines[group.desk]
    try:
        return desk_of(group.advisor, revision, next(iter(lines)) if len(lines) == 1 else "")
    except (KeyError, StopIteration):
        about = group.advisor.duty
        what = "no `desk`, and the policy has several"
        if isinstance(about, Stated):
            what = f"no duty `{about.name}` in the policy"
        elif about:
            what = f"no lane `{about[0].lane.name}` in the policy"
        _refuse(group, what, lines)
        raise


def _refuse(group: Group, what: str, desks: Iterable[str]) -> None:
    place = group.advisor.place
    known = ", ".join(f"`{one}`" for one in desks)
    message = f"{place}: group `{group.name}`: {what}"
    raise UsageError(message, hint=f"the desks are {known}")


def _seated(group: Group, number: int, line: Line, now: int) -> Seated:
    named = number < len(group.names)
    name = group.names[number] if named else f"{group.name}-{number + 1}"
    try:
        event = signed_on(replace(group.advisor, name=name), line, now, now)
    except StopIteration:
        _refuse(group, f"desk `{line.desk}` has no such duty", (line.desk,))
        raise
    return Seated(name, group.name, line.desk, group.pace, event, group.idle_first)


# ---------------------------------------------------------------------- time


def _days(zone: ZoneInfo, begin: int, end: int) -> Iterator[date]:
    """Yield the local days that a period touches, and the one before it."""
    day = datetime.fromtimestamp(begin / 1000, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end / 1000, zone).date()
    if (last - day).days > _LONGEST:
        raise UsageError(f"the period has more than {_LONGEST} days")
    while day <= last:
        yield day
        day += timedelta(days=1)


def moment(day: date, minute: int, zone: ZoneInfo) -> int:
    """Return the ms since 1970 of a minute of a local day; 1440 is the next midnight."""
    day += timedelta(days=minute // MINUTES)
    local = datetime(day.year, day.month, day.day, minute % MINUTES // 60, minute % 60, tzinfo=zone)
    return round(local.astimezone(UTC).timestamp() * 1000)


Span = tuple[int, int]


def _spans(group: Group, number: int, zone: ZoneInfo, begin: int, end: int) -> Iterator[Span]:
    for day in _days(zone, begin, end):
        for hours in group.hours:
            if number < hours.advisors and day.weekday() in hours.weekdays:
                last = hours.end  # beyond 1440 where it goes over midnight
                one = moment(day, hours.begin, zone), moment(day, last, zone)
                if one[1] > begin and one[0] < end:
                    yield max(one[0], begin), one[1]


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _breaks(group: Group, number: int, zone: ZoneInfo, begin: int, end: int) -> list[Span]:
    """Return the breaks of one advisor: begins spread evenly over each window."""
    found, last = [], max(group.peak - 1, 1)
    for day in _days(zone, begin, end):
        for one in group.pauses:
            first, close = moment(day, one.begin, zone), moment(day, one.end, zone)
            at = first + max(close - first - one.lasts, 0) * number // last
            found.append((at, at + one.lasts))
    return found


def _turns(advisor: Seated, spans: list[Span], breaks: list[Span]) -> Iterator[Turn]:
    for begin, end in spans:
        yield Turn(begin, advisor, ON)
        for from_, to in breaks:
            if begin <= from_ and to < end:
                yield Turn(from_, advisor, BREAK)
                yield Turn(to, advisor, ON)
        yield Turn(end, advisor, OFF)

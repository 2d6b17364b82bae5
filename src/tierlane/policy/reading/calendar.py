"""Reads `calendars`: weekly hours, dates closed and dates open, each with its faults."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from tierlane.calendar import Calendar, Spans, day_number
from tierlane.policy.form.finding import Place
from tierlane.policy.reading.shape import Shape, near
from tierlane.policy.reading.source import Leaf, Node, Sequence

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_CALENDARS: Final = 100
MOST_DATES: Final = 4_000
"""Dates of one calendar: a little more than ten years of days."""
MOST_SPANS: Final = 6
"""Spans of one day."""
_DAY_MINUTES: Final = 1_440
_SPAN: Final = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])\Z")
_SPAN_HINT: Final = (
    "such as `09:00-18:00`; `22:00-06:00` goes over midnight, `00:00-24:00` is a day"
)
_DATE_HINT: Final = "such as `2026-10-01` or `2026-10-01..2026-10-07`"


def calendars(shape: Shape, node: Node | None, zone: str) -> tuple[tuple[Calendar, Place], ...]:
    """Read `calendars`; `zone` is the document's, for those that state none."""
    if node is None:
        return ()
    entries = shape.entries(node, "`calendars`")
    if len(entries) > MOST_CALENDARS:
        message = f"`calendars` has more than {MOST_CALENDARS} entries"
        shape.report.error("range", node.place, message)
        return ()
    return tuple(
        (_calendar(shape, name, value, zone), key.place) for name, (key, value) in entries.items()
    )


def _calendar(shape: Shape, name: str, node: Node, zone: str) -> Calendar:
    what = f"calendar `{name}`"
    entries = shape.keys(node, what, ("weekly", "closed", "open", "time_zone"))
    if "time_zone" in entries:
        zone = shape.time_zone(entries["time_zone"])
    weekly = _weekly(shape, entries["weekly"], what) if "weekly" in entries else ((),) * 7
    return Calendar(name, zone, weekly, _dates(shape, entries, what))


def _weekly(shape: Shape, node: Node, what: str) -> tuple[Spans, ...]:
    week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    seen: list[tuple[int, int, Place]] = []
    for text, (key, value) in shape.entries(node, f"`weekly` of {what}").items():
        spans = _spans(shape, value, f"`{text}` of {what}")
        for day in weekdays(shape, text, key.place):
            week[day].extend(spans)
            seen += [(day * _DAY_MINUTES + a, day * _DAY_MINUTES + b, key.place) for a, b in spans]
    _report_overlap(shape, seen, what, 7 * _DAY_MINUTES)
    return tuple(tuple(sorted(day)) for day in week)


def weekdays(shape: Shape, text: str, place: Place) -> tuple[int, ...]:
    """Return the days of `mon` or `mon-fri`, 0 for Monday; none for what names no days."""
    first, dash, last = text.partition("-")
    for name in (first, last) if dash else (first,):
        if name not in DAYS:
            hint = near(name, DAYS) if name else "such as `mon-fri`"
            shape.report.error("calendar_day", place, f"no day `{name}`", hint)
            return ()
    begin = DAYS.index(first)
    length = (DAYS.index(last) - begin) % 7 if dash else 0
    return tuple((begin + number) % 7 for number in range(length + 1))


def _spans(shape: Shape, node: Node, what: str) -> Spans:
    """Read one span or a list of them."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    if len(nodes) > MOST_SPANS:
        shape.report.error("range", node.place, f"{what} has more than {MOST_SPANS} spans")
        return ()
    found = (span(shape, one, what) for one in nodes)
    return tuple(sorted(one for one in found if one is not None))


def span(shape: Shape, node: Node, what: str) -> tuple[int, int] | None:
    """Return first and last minute of `22:00-06:00`, the last beyond 1440 over midnight."""
    text = node.value if isinstance(node, Leaf) else None
    parts = _SPAN.match(text) if isinstance(text, str) else None
    if parts is None:
        shape.wrong(node, what, "a span of hours, or a list of them")
        return None
    begin = int(parts[1]) * 60 + int(parts[2])
    end = int(parts[3]) * 60 + int(parts[4])
    if begin >= _DAY_MINUTES or end > _DAY_MINUTES or begin == end:
        message = f"`{parts[0]}` of {what} is no span of hours"
        shape.report.error("calendar_span", node.place, message, _SPAN_HINT)
        return None
    return begin, end if end > begin else end + _DAY_MINUTES


def _report_overlap(
    shape: Shape, spans: list[tuple[int, int, Place]], what: str, cycle: int
) -> None:
    """Report the first two spans that overlap, also over the end of the cycle if there is one."""
    spans = sorted(spans)
    again = [(a + cycle, b + cycle, place) for a, b, place in spans[:1]] if cycle else []
    for (_, end, _), (begin, _, place) in zip(spans, [*spans[1:], *again], strict=False):
        if begin < end:
            shape.report.error("calendar_overlap", place, f"two spans of {what} overlap")
            return


def _dates(shape: Shape, entries: dict[str, Node], what: str) -> tuple[tuple[int, Spans], ...]:
    """Read `closed` and `open`; a date that is open stands above a range that is closed."""
    ranges: list[tuple[int, int, Spans | None, Place]] = []
    for one in shape.items(entries.get("closed"), f"`closed` of {what}"):
        text = shape.text(one, f"a date of `closed` of {what}")
        ranges += [(*days, None, one.place) for days in _range(shape, text, one.place)]
    opened = shape.entries(entries["open"], f"`open` of {what}") if "open" in entries else {}
    for text, (key, value) in opened.items():
        spans = _spans(shape, value, f"`{text}` of {what}")
        _report_overlap(shape, [(*span, key.place) for span in spans], f"`{text}` of {what}", 0)
        ranges += [(*days, spans, key.place) for days in _range(shape, text, key.place)]
    if sum(last - first + 1 for first, last, _, _ in ranges) > MOST_DATES:
        place = (entries.get("closed") or entries["open"]).place
        message = f"{what} has more than {MOST_DATES} dates"
        shape.report.error("range", place, message, "ten years of days fit in")
        return ()
    _report_contradictions(shape, ranges)
    days: dict[int, Spans] = {}
    for first, last, hours, _ in ranges:  # those that are open come last
        days.update(dict.fromkeys(range(first, last + 1), hours or ()))
    return tuple(sorted(days.items()))


def _range(shape: Shape, text: str, place: Place) -> Iterable[tuple[int, int]]:
    """Return the days of `2026-10-01` or `2026-10-01..2026-10-07`, none if it cannot be read."""
    if not text:
        return ()
    first, _, last = text.partition("..")
    try:
        days = tuple(_day(one) for one in ((first, last) if last else (text,)))
    except ValueError:
        shape.report.error("calendar_day", place, f"no date `{text[:60]}`", _DATE_HINT)
        return ()
    if days[-1] < days[0]:
        message = f"`{text}` ends before it begins"
        shape.report.error("calendar_day", place, message, _DATE_HINT)
        return ()
    return ((days[0], days[-1]),)


def _day(text: str) -> int:
    if len(text) != len("2026-10-01"):
        raise ValueError
    return day_number(date.fromisoformat(text))


def _report_contradictions(
    shape: Shape, ranges: list[tuple[int, int, Spans | None, Place]]
) -> None:
    """Report a date that is open twice, or named by itself as closed and as open."""
    opened: dict[int, Place] = {}
    closed = {first for first, last, spans, _ in ranges if spans is None and first == last}
    for first, last, spans, place in ranges:
        if spans is None:
            continue
        for day in range(first, last + 1):
            shown = date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()
            if day in opened:
                shape.report.error("calendar_date", place, f"`{shown}` is open twice")
                return
            if day in closed and first == last:
                hint = "a date that is open stands above a range that is closed"
                message = f"`{shown}` is both closed and open"
                shape.report.error("calendar_date", place, message, hint)
                return
            opened[day] = place


def default_calendar(shape: Shape, node: Node | None) -> Calendar | None:
    """Read `calendar`: the one that `working` means where a row names none."""
    return None if node is None else shape.calendar(node)

"""Checks of calendars and working time, by walking ten years of days."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from tierlane.calendar import DAY, Calendar, Span, day_number
from tierlane.policy.document import Document
from tierlane.policy.finding import Place, Report

_FROM: Final = day_number(date(2026, 1, 1))
"""Where the walk begins for a calendar without dates: its weeks are alike."""
_WAITING: Final = ("answer", "start")
"""What is promised to a contact that waits; what is to be resolved may be in service by then."""


def check(document: Document, report: Report) -> None:
    """Report calendars that never open and working time that `finally` always cuts off."""
    never = set()
    for calendar, place in document.calendars:
        if calendar.next_open(_begin(calendar)) is None:
            never.add(calendar)
            message = f"calendar `{calendar.name}` never opens"
            report.error("calendar_never_opens", place, message, "state `weekly` or `open`")
    until = document.last.until
    for where, key, span, place in _working(document):
        if until is None or span.calendar is None or span.calendar in never:
            continue
        if key in _WAITING and not _fits(span, span.calendar, until):
            hint = f"`finally` ends a contact after {until / 3_600_000:g} h"
            message = f"the working time of `{key}` in `{where}` never ends before that"
            report.warn("working_after_finally", place, message, hint)


def _begin(calendar: Calendar) -> int:
    return (calendar.dates[0][0] if calendar.dates else _FROM) * DAY - DAY


def _working(document: Document) -> Iterator[tuple[str, str, Span, Place]]:
    """Yield row, key, working time and place of everything promised."""
    default, rules = document.promises
    for key, span in default.working:
        yield "promises/default", key, span, document.place
    for rule in rules:
        for key, span in rule.then.working:
            yield f"promises/{rule.name}", key, span, rule.place
    for rule in document.floors:
        for key, span in rule.then.promise.working:
            yield f"floors/{rule.name}", key, span, rule.place


def _fits(span: Span, calendar: Calendar, until: int) -> bool:
    """Tell whether there is a moment from which the working time ends early enough.

    It ends soonest after a moment at which the calendar opens, so only these are tried.
    """
    for moment in calendar.openings(_begin(calendar)):
        end = span.after(moment)
        if end is not None and end - moment <= until:
            return True
    return False

"""Checks of calendars and working time, by walking ten years of days."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from tierlane.calendar import DAY, Calendar, Span, day_number
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Place, Report

_FROM: Final = day_number(date(2026, 1, 1))
"""Where the walk begins for a calendar without dates: its weeks are alike."""
_Asked = tuple[str, str, Span, Place]
"""Row, `answer`, `start` or `resolve`, the time, and where it stands."""

_WAITING: Final = ("answer", "start")
"""What is promised to a contact that waits; what is to be resolved may be in service by then."""


def check(document: Document, report: Report) -> None:
    """Report calendars that never open and working time that `finally` always cuts off."""
    never = {one for one, _ in document.calendars if one.next_open(first_moment(one)) is None}
    for calendar, place in document.calendars:
        if calendar in never:
            message = f"calendar `{calendar.name}` never opens"
            report.error("calendar_never_opens", place, message, "state `weekly` or `open`")
    until = document.last.until
    if until is None:
        return
    asked = [one for one in _working(document) if one[2].calendar not in never]
    for where, key, place in _late(asked, until):
        hint = f"`finally` ends a contact after {until / 3_600_000:g} h"
        message = f"the working time of `{key}` in `{where}` never ends before that"
        report.warn("working_after_finally", place, message, hint)


def first_moment(calendar: Calendar) -> int:
    """Return where the walk through a calendar begins."""
    return (calendar.dates[0][0] if calendar.dates else _FROM) * DAY - DAY


def _working(document: Document) -> Iterator[_Asked]:
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


def _late(asked: Iterable[_Asked], until: int) -> Iterator[tuple[str, str, Place]]:
    """Yield row, key and place of working time that is too long from whatever moment it begins.

    Each calendar is walked once, for the longest that is asked of it.
    """
    by_calendar: dict[Calendar, list[_Asked]] = {}
    for one in asked:
        if one[1] in _WAITING and one[2].calendar is not None:
            by_calendar.setdefault(one[2].calendar, []).append(one)
    for calendar, rows in by_calendar.items():
        most = _most(calendar, until, max(span.ms for _, _, span, _ in rows))
        for where, key, span, place in rows:
            if span.ms > most:
                yield where, key, place


def _most(calendar: Calendar, until: int, enough: int) -> int:
    """Return the most working time there is within so many ms, no matter what above `enough`.

    There is most after a moment at which the calendar opens, so only these are tried.
    """
    most = 0
    for moment in calendar.openings(first_moment(calendar)):
        most = max(most, calendar.working_between(moment, moment + until))
        if most >= enough:
            break
    return most

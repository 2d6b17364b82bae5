"""Nodes → plain values, with findings instead of exceptions.

Each reader returns the value, or a harmless stand-in after it has reported what is wrong, so that
one run shows every fault of a document.
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tierlane.calendar import Calendar, Span
from tierlane.policy.form.document import Constant, Written
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.source import Leaf, Mapping, Node, Sequence

_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST_MS: Final = 100 * 366 * 86_400_000
"""A hundred years: added to any time that occurs, it still is one that can be told."""
LONGEST_TEXT: Final = 4096
"""Characters of any text, a condition's included."""
LONGEST_NAME: Final = 200
"""Characters of a name or key."""
MOST_SHOWN: Final = 12
"""Names in a hint."""
MOST_ITEMS: Final = 10_000
"""Entries of a list that is read one by one; tables are indexed, and have a bound of their own."""
TABLES: Final = "rows that compare the same fields belong in a `table`"
_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+\Z")
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
WORKING: Final = " working"
"""How working time ends: `16h working`."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def duration_ms(text: str) -> int | None:
    """Return the milliseconds of `1h30m`, or None when the text is no duration."""
    if len(text) > 40 or not _DURATION.match(text):
        return None
    return round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))


def duration_text(ms: int) -> str:
    """Return milliseconds as a document writes them: `1h30m`."""
    parts = []
    for unit, size in reversed(_UNITS.items()):
        count, ms = divmod(ms, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def close(word: str, words: Iterable[str]) -> str:
    """Return a hint that names the word probably meant; nothing where none is close."""
    found = difflib.get_close_matches(word, sorted(set(words)), n=1)
    return f"did you mean `{found[0]}`?" if found else ""


def near(word: str, words: Iterable[str]) -> str:
    """Return a hint that names the word probably meant, or the words there are."""
    known = sorted(set(words))
    if meant := close(word, known):
        return meant
    shown = ", ".join(f"`{one}`" for one in known[:MOST_SHOWN])
    more = f" and {len(known) - MOST_SHOWN} more" if len(known) > MOST_SHOWN else ""
    return f"there is {shown}{more}" if known else ""


class Shape:
    """Reads nodes by the kind that is meant, into one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.calendars: dict[str, Calendar] = {}
        """By name; under the empty name the one that `working` means."""

    def keys(
        self, node: Node, what: str, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> dict[str, Node]:
        """Return the entries of a map by key; unknown and missing keys are reported."""
        if not isinstance(node, Mapping):
            stated = ", ".join(f"{key}: …" for key in tuple(required) or tuple(allowed)[:2])
            self.wrong(node, what, "a map", f"such as `{{{stated}}}`" if stated else "")
            return {}
        found = self.entries(node, what)
        known = set(allowed) | set(required)
        for key, (name, _) in found.items():
            if key not in known:
                self.report.error(
                    "unknown_key", name.place, f"{what} has no key `{key}`", near(key, known)
                )
        misspelt = found.keys() - known
        for key in required:
            if key not in found and not any(close(one, (key,)) for one in misspelt):
                self.report.error("missing_key", node.place, f"{what} needs the key `{key}`")
        return {key: value for key, (_, value) in found.items() if key in known}

    def entries(self, node: Node, what: str) -> dict[str, tuple[Leaf, Node]]:
        """Return the entries of a map, keys as text."""
        if not isinstance(node, Mapping):
            self.wrong(node, what, "a map")
            return {}
        found = {}
        for key, value in node.entries:
            if isinstance(key.value, str) and len(key.value) <= LONGEST_NAME:
                found[key.value] = (key, value)
            elif isinstance(key.value, str):
                self.too_long(key, f"a key of {what}")
            else:
                self.wrong(key, f"a key of {what}", "text")
        return found

    def items(self, node: Node | None, what: str, most: int = MOST_ITEMS) -> tuple[Node, ...]:
        """Return the nodes of a list, none of one that is too long."""
        if node is None:
            return ()
        if isinstance(node, Sequence):
            if len(node.items) <= most:
                return node.items
            message = f"{what} has more than {most} entries"
            self.report.error("too_large", node.place, message, TABLES)
            return ()
        single = isinstance(node, Leaf) and node.value is not None and _told(node)
        self.wrong(node, what, "a list", f"write `[{single}]`" if single else "")
        return ()

    def text(self, node: Node, what: str) -> str:
        """Return text that is not empty."""
        if isinstance(node, Leaf) and isinstance(node.value, str) and node.value:
            if len(node.value) <= LONGEST_TEXT:
                return node.value
            message = f"{what} must not be longer than {LONGEST_TEXT} characters"
            self.report.error("range", node.place, message)
            return node.value[:LONGEST_TEXT]
        self.wrong(node, what, "text")
        return ""

    def label(self, node: Node, what: str) -> str:
        """Return the name of a row, which records carry whole."""
        name = self.text(node, what)
        if len(name) > LONGEST_NAME:
            self.too_long(node, what)
        return name[:LONGEST_NAME]

    def too_long(self, node: Node, what: str) -> None:
        """Report a name that records could not carry."""
        message = f"{what} must not be longer than {LONGEST_NAME} characters"
        self.report.error("range", node.place, message)

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self.text(item, f"an item of {what}") for item in self.items(node, what))

    def written(self, node: Node, what: str) -> Written:
        """Return text with its place."""
        return Written(self.text(node, what), node.place)

    def condition(self, node: Node | None, what: str) -> Written | None:
        """Return a condition; YAML's own `true` and `false` count as CEL's."""
        if node is None:
            return None
        if isinstance(node, Leaf) and isinstance(node.value, bool):
            return Written("true" if node.value else "false", node.place)
        return self.written(node, what)

    def name(self, node: Node, what: str) -> str:
        """Return an identifier that conditions can use."""
        name = self.label(node, what)
        if name and not _NAME.match(name):
            self.report.error(
                "not_a_name", node.place, f"`{name}` cannot be used in a condition",
                "letters, digits and `_`",
            )  # fmt: skip
        return name

    def number(self, node: Node, what: str, least: float | None = None) -> float:
        """Return a number, not below `least`."""
        if isinstance(node, Leaf) and type(node.value) in (int, float):
            number: Any = node.value
            if least is None or number >= least:
                return float(number) if type(number) is float else number
            self.report.error("range", node.place, f"{what} must not be below {least:g}")
            return least
        self.wrong(node, what, "a number")
        return 0

    def integer(self, node: Node, what: str, least: int = 0) -> int:
        """Return a whole number, not below `least`."""
        number = self.number(node, what, least)
        if number != int(number):
            self.wrong(node, what, "a whole number")
        return int(number)

    def flag(self, node: Node, what: str) -> bool:
        """Return true or false."""
        if isinstance(node, Leaf) and isinstance(node.value, bool):
            return node.value
        self.wrong(node, what, "`true` or `false`")
        return False

    def constant(self, node: Node, what: str) -> Constant:
        """Return text, a number or a truth value."""
        if isinstance(node, Leaf) and node.value is not None:
            return node.value
        self.wrong(node, what, "text, a number, `true` or `false`")
        return ""

    def duration(self, node: Node, what: str) -> int:
        """Return milliseconds of a duration above zero."""
        if isinstance(node, Leaf) and isinstance(node.value, str):
            if node.value.endswith(WORKING):
                meant = "an elapsed time; working time is for promises and `until` of steps"
                self.wrong(node, what, meant)
                return 1
            ms = duration_ms(node.value)
            if ms is not None and ms > LONGEST_MS:
                message = f"{what} must not be longer than a hundred years"
                self.report.error("range", node.place, message)
                return 1
            if ms:
                return ms
        self.wrong(node, what, "a duration such as `30s`, `15m` or `2h`")
        return 1

    def span(self, node: Node, what: str, calendar: Calendar | None = None) -> Span:
        """Return an elapsed time, or `16h working` of a calendar, else of the document's own."""
        text = node.value if isinstance(node, Leaf) else None
        if not isinstance(text, str) or not text.endswith(WORKING):
            return Span(self.duration(node, what))
        ms = self.duration(Leaf(text.removesuffix(WORKING), node.place), what)
        meant = calendar or self.calendars.get("")
        if meant is None:
            hint = "state `calendar: NAME` for the policy, or in this row"
            message = f"`{text}` names no calendar to reckon it in"
            self.report.error("no_calendar", node.place, message, hint)
        return Span(ms, meant)

    def calendar(self, node: Node) -> Calendar | None:
        """Return the calendar that a node names; one that is not stated is reported."""
        name = self.text(node, "`calendar`")
        found = self.calendars.get(name) if name else None
        if found is None and name:
            known = near(name, (one for one in self.calendars if one))
            hint = known or "state it under `calendars`"
            self.report.error("unknown_calendar", node.place, f"no calendar `{name}`", hint)
        return found

    def time_zone(self, node: Node) -> str:
        """Return the name of a time zone, UTC for one that there is not."""
        name = self.text(node, "`time_zone`")
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            hint = "a name such as `Asia/Shanghai`"
            self.report.error("time_zone", node.place, f"no time zone `{name}`", hint)
            return "UTC"
        return name

    def wrong(self, node: Node, what: str, meant: str, hint: str = "") -> None:
        """Report a value of the wrong kind."""
        if isinstance(node, Leaf):
            shown = "nothing" if node.value is None else f"`{_told(node)}`"
        else:
            shown = "a list" if isinstance(node, Sequence) else "a map"
        message = f"{what} must be {meant}, not {shown}"
        self.report.error("wrong_type", node.place, message, hint)

    def unique(self, names: Iterable[tuple[str, Place]], what: str) -> None:
        """Report names that stand twice."""
        seen: dict[str, Place] = {}
        for name, place in names:
            if name in seen:
                hint = f"the first is in {seen[name].beside(place)}"
                self.report.error("duplicate_name", place, f"{what} `{name}` stands twice", hint)
            seen.setdefault(name, place)


def _told(leaf: Leaf) -> str:
    """Return a scalar as YAML writes it, cut where it is long."""
    value = leaf.value
    return str(value).lower() if isinstance(value, bool) else str(value)[:60]

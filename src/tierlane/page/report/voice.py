"""Numbers as people say them, each in a `data` element that holds the exact one."""

from html import escape
from typing import Final

from tierlane.page.report.wording import WORDS

MINUS: Final = "\N{MINUS SIGN}"
NOTHING: Final = "·"
"""Stands where a figure is not known, or there was nothing to count."""
SHARES: Final = frozenset(
    {"service_level", "abandonment", "promise_kept", "occupancy", "share", "moved", "other_terms"}
)
TIMES: Final = frozenset(
    {"mean_wait", "median_wait", "wait_90", "wait_95", "worst_wait", "worst_left", "mean_service"}
)
"""Measures in seconds; what is in neither set is a plain number."""
LEAST: Final = 0.05
"""Points, seconds or a number below which one place shows a nought."""


class Voice:
    """Says numbers and words in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words = WORDS[language]

    def __getitem__(self, key: str) -> str:
        """Return words of the page by their key."""
        return self.words[key]

    def say(self, key: str, **parts: str) -> str:
        """Return a sentence; its parts are HTML already."""
        return self.words[key].format(**parts)

    def name(self, text: str) -> str:
        """Return a name that the policy gives, set apart; everybody for the empty one."""
        return f'<b class="v">{escape(text)}</b>' if text else f"<b>{self['everybody']}</b>"

    def names(self, texts: list[str]) -> str:
        """Return several."""
        return self.joined([self.name(one) for one in texts])

    def joined(self, parts: list[str]) -> str:
        """Return parts as people list them: `a, b and c`."""
        if len(parts) < 2:
            return "".join(parts)
        return self["join"].join(parts[:-1]) + self["last join"] + parts[-1]

    # ------------------------------------------------------------------ numbers

    def figure(
        self, measure: str, value: float | None, *, signed: bool = False, fine: bool = False
    ) -> str:
        """Return a figure of a measure; `signed` for differences, `fine` as in `plain`."""
        if value is None:
            return NOTHING
        return data(value, self.plain(measure, value, signed=signed, fine=fine))

    def size(self, measure: str, value: float) -> str:
        """Return how large a difference is, whichever way it goes."""
        if measure in SHARES:
            return data(value, self.say("points", number=_fixed(abs(value) * 100, 1)))
        return data(value, self.plain(measure, abs(value)))

    def bare(self, measure: str, value: float) -> str:
        """Return a difference without its sign, where the words around it say which way."""
        return data(value, self.plain(measure, abs(value), signed=True, fine=True).lstrip("+±"))

    def plain(self, measure: str, value: float, *, signed: bool = False, fine: bool = False) -> str:
        """Return a figure as text alone.

        A `fine` one has up to three places where one would show a nought: what surely differs from
        0 is not shown as 0.
        """
        size = abs(value)
        shown = size * 100 if measure in SHARES else size
        places = next((one for one in (1, 2) if shown >= LEAST / 10 ** (one - 1)), 3) if fine else 1
        if measure in SHARES:
            key = "points short" if signed else "percent"
            said = self.say(key, number=_fixed(shown, places))
        elif measure in TIMES:
            said = self.span(size) if places == 1 else self.say("s", number=_fixed(shown, places))
        elif measure == "score":  # from 0 to 1
            said = _fixed(shown, 2)
        else:
            said = _count(size) if places == 1 else _fixed(shown, places)
        if not any(sign in "123456789" for sign in said):  # too little to be shown
            return f"±{said}" if signed else said
        return (MINUS if value < 0 else "+" if signed else "") + said

    def count(self, value: float) -> str:
        """Return a number of contacts, advisors or hours."""
        return data(value, _count(value))

    def time(self, seconds: float) -> str:
        """Return a time with its number."""
        return data(seconds, self.span(seconds))

    def span(self, seconds: float) -> str:
        """Return a time as text: `8.3 s`, `58 s`, `2 min 5 s`, `1 h 5 min`."""
        if seconds < 10 and seconds != int(seconds):
            return self.say("s", number=_fixed(seconds, 1))
        whole = round(seconds)
        if whole < 120:
            return self.say("s", number=str(whole))
        sizes = (("h", whole // 3600), ("min", whole % 3600 // 60), ("s", whole % 60))
        parts = [self.say(unit, number=str(count)) for unit, count in sizes if count]
        return self["unit join"].join(parts[:2])


def data(value: float, text: str) -> str:
    """Return a number as a program and a person read it."""
    return f'<data value="{value!r}">{text}</data>'


def _fixed(value: float, places: int) -> str:
    return f"{round(value, places) + 0.0:,.{places}f}"


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else _fixed(value, 1)

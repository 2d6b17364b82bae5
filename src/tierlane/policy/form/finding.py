"""Findings: what is wrong or doubtful in a policy, with its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from tierlane.errors import TierlaneError
from tierlane.policy.form.code import ALLOWABLE

Severity = Literal["error", "warning", "note"]


class Place(NamedTuple):
    """Where something stands: line and column count from 1."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"

    def beside(self, other: "Place") -> str:
        """Name it to a reader who stands at another place: its line, and its file if it differs."""
        return f"line {self.line}" if self.source == other.source else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong (`error`), doubtful (`warning`) or likely meant but worth a look (`note`)."""

    code: str
    place: Place
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        text = f"{self.place}: {self.severity} {self.code}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    @property
    def allowable(self) -> bool:
        """Whether a policy may be published in spite of it, by a person who says why."""
        return self.severity != "error" or self.code in ALLOWABLE

    def as_dict(self) -> dict[str, Any]:
        """Return it as `policy check --format json` prints it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.place.source,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "hint": self.hint or None,
        }


class PolicyError(TierlaneError):
    """the policy cannot be used"""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        """The errors, in the order of the document; at least one."""
        title = (type(self).__doc__ or "").strip()
        super().__init__("\n".join((title, *map(str, self.findings))))


MOST: Final = 1_000
"""Findings of one severity that are listed."""
LONGEST: Final = 400
"""Characters of a message or hint that are shown."""


def _shown(text: str) -> str:
    """Return a text cut to what a line can bear, without signs that act on a terminal."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return cut if cut.isprintable() else "".join(s if s.isprintable() else "�" for s in cut)


class Report:
    """Gathers findings while a document is read, so that one run shows them all."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._counts: dict[Severity, int] = {}

    def error(self, code: str, place: Place, message: str, hint: str = "") -> None:
        """Add an error."""
        self._add(Finding(code, place, _shown(message), _shown(hint)))

    def warn(self, code: str, place: Place, message: str, hint: str = "") -> None:
        """Add a warning."""
        self._add(Finding(code, place, _shown(message), _shown(hint), "warning"))

    def _add(self, finding: Finding) -> None:
        """Add it while there is room among those of its kind; who has so many mends some first."""
        count = self._counts[finding.severity] = self._counts.get(finding.severity, 0) + 1
        if count < MOST:
            self.findings.append(finding)
        elif count == MOST:
            message = f"more than {MOST - 1} findings: the rest is not listed"
            self.findings.append(Finding("too_many", finding.place, message, "", finding.severity))

    def note(self, code: str, place: Place, message: str, hint: str = "") -> None:
        """Add a note."""
        self.findings.append(Finding(code, place, message, hint, "note"))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors alone, by place."""
        wrong = (finding for finding in self.findings if finding.severity == "error")
        return tuple(sorted(wrong, key=lambda finding: finding.place))

    def stop_on_errors(self) -> None:
        """Raise PolicyError when there is an error."""
        if errors := self.errors:
            raise PolicyError(errors)

"""The log's rows: which columns are read, and what is wrong with a row that is refused."""

import csv
import gzip
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from tierlane.errors import UsageError
from tierlane.replay.source.anonbank.course import TIMES, Course, course_of, time_of

COLUMNS: Final = (
    "vru_line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
    *TIMES,
    "outcome",
    "server",
)
"""What must stand in the heading; other columns are not read."""

UNKNOWN: Final = "0"

OUTCOMES: Final = {"AGENT", "HANG", "PHANTOM"}


class Row(NamedTuple):
    """One row of the log that could be read."""

    line: str
    number: str
    customer: str | None
    priority: int
    kind: str
    at: datetime
    course: Course

    @property
    def odd(self) -> tuple[str, ...]:
        """What is odd about the row, and what is made of it."""
        return self.course.odd


class Refusal(NamedTuple):
    """One row that could not: where, and what is wrong; never what stood there."""

    path: Path
    line: int
    fault: str


def read(path: Path) -> Iterator[Row | Refusal]:
    """Yield the rows of a file, plain or gzip, in its order.

    Raises UsageError when it is no such log, OSError when it cannot be read.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        try:
            _head(path, rows.fieldnames or ())
            for row in rows:
                fault = _fault(row)
                yield Refusal(path, rows.line_num, fault) if fault else _row(row)
        except (UnicodeDecodeError, csv.Error, EOFError) as error:
            raise UsageError(
                f"`{path}`:{rows.line_num + 1} cannot be read: {error}",
                hint="a file whose name ends in .gz is read as gzip, any other as plain text",
            ) from None


def _head(path: Path, names: Collection[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise UsageError(
            f"`{path}`:1 has no column `{missing[0]}`",
            hint="anonbank files begin with vru_line,call_id,customer_id",
        )


def _fault(row: dict[str, str]) -> str:
    short = [name for name in COLUMNS if not row.get(name)]
    if short:
        return f"{short[0]}: missing"
    if row["priority"] not in {"0", "1", "2"}:
        return "priority: not 0, 1 or 2"
    if row["outcome"] not in OUTCOMES:
        return "outcome: not AGENT, HANG or PHANTOM"
    for name in ("vru_entry", *TIMES):
        try:
            time_of(row, name)
        except ValueError:
            return f"date, {name}: not a time"
    return ""


def _row(row: dict[str, str]) -> Row:
    customer = row["customer_id"]
    at = time_of(row, "vru_entry")
    return Row(
        line=row["vru_line"],
        number=row["call_id"],
        customer=None if customer == UNKNOWN else customer,
        priority=int(row["priority"]),
        kind=row["type"],
        at=at,
        course=course_of(row, at),
    )

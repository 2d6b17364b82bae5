"""The "Anonymous Bank" log of Technion SEELab (Mandelbaum, Sakov, Zeltyn), free for use.

One row is one contact by telephone. What becomes of it:

| column | event |
|---|---|
| `vru_line`, `call_id` | `contact_id` `LINE-ID`, unique over the months; `source` `anonbank/LINE` |
| `date`, `vru_entry` | `time`, in Israel's local time with its offset |
| `type` | `subject` as written: PS, NW, NE, IN, TT, PE; `language` is `en` for PE, else not told |
| `priority` | `attributes.priority` as written; 0 also stands where none was recorded |
| `customer_id` | `customer_id`; `0` means unknown |

A customer's profile has his last recorded priority as `membership.level`, 2 being `high`. Columns
about waiting and service tell the past, not what a decision may know, and are left out.
"""

import csv
import gzip
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from tierlane.errors import UsageError

ZONE: Final = ZoneInfo("Asia/Jerusalem")

COLUMNS: Final = (
    "vru_line",
    "call_id",
    "customer_id",
    "priority",
    "type",
    "date",
    "vru_entry",
)
"""What must stand in the heading; other columns are not read."""

UNKNOWN: Final = "0"

STANDING: Final = {0: "regular", 1: "regular", 2: "high"}
"""`membership.level` by recorded priority."""

PACK: Final = "bank"
"""The policy that belongs to this log."""


class Row(NamedTuple):
    """One row of the log that could be read."""

    line: str
    number: str
    customer: str | None
    priority: int
    kind: str
    at: datetime


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
            raise UsageError(f"`{path}`:{rows.line_num + 1} is no text: {error}") from None


def _head(path: Path, names: Collection[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise UsageError(
            f"`{path}`:1 has no column `{missing[0]}`",
            hint="anonbank files begin with vru_line,call_id,customer_id",
        )


def contact_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield one arrival a line, in the order of the rows."""
    for row in rows:
        contact = f"{row.line}-{row.number}"
        data: dict[str, object] = {"contact_id": contact, "channel": "voice"}
        if row.customer:
            data["customer_id"] = row.customer
        if row.kind == "PE":
            data["language"] = "en"
        data |= {"subject": row.kind, "attributes": {"priority": row.priority}}
        yield _event("contact.arrived", contact, f"anonbank/{row.line}", row.at, data)


def profile_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the profile of each customer, by id, dated by his last contact."""
    last = {row.customer: row for row in sorted(rows, key=_moment) if row.customer}
    for customer, row in sorted(last.items()):
        membership = {"programme": "priority", "level": STANDING[row.priority]}
        data = {"customer_id": customer, "membership": membership}
        yield _event("customer.profile", customer, "anonbank", row.at, data)


def in_time(rows: Iterable[Row]) -> list[Row]:
    """Return the rows by time: the files are ordered by line of the centre."""
    return sorted(rows, key=_moment)


def _moment(row: Row) -> tuple[datetime, str, str]:
    return row.at, row.line, row.number


def _fault(row: dict[str, str]) -> str:
    short = [name for name in COLUMNS if not row.get(name)]
    if short:
        return f"{short[0]}: missing"
    if row["priority"] not in {"0", "1", "2"}:
        return "priority: not 0, 1 or 2"
    try:
        _time(row)
    except ValueError:
        return "date, vru_entry: not a time"
    return ""


def _row(row: dict[str, str]) -> Row:
    customer = row["customer_id"]
    return Row(
        line=row["vru_line"],
        number=row["call_id"],
        customer=None if customer == UNKNOWN else customer,
        priority=int(row["priority"]),
        kind=row["type"],
        at=_time(row),
    )


def _time(row: dict[str, str]) -> datetime:
    text = f"{row['date']}T{row['vru_entry']:0>8}"
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _event(kind: str, subject: str, source: str, at: datetime, data: Mapping[str, object]) -> str:
    event = {
        "specversion": "1.0",
        "id": subject,
        "source": source,
        "type": f"tierlane.{kind}.v1",
        "time": at.isoformat(),
        "subject": subject,
        "data": data,
    }
    return orjson.dumps(event).decode() + "\n"

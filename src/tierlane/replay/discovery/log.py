"""Logs of waits in files of one's own: CSV, JSON lines or Parquet, one row a contact.

| column | holds |
|---|---|
| `contact` | its id |
| `since`, `until` | when it came into the line and when it left, ISO 8601 with an offset |
| `priority` | a number; higher is to be sooner. Nothing: 0 |
| `kind` | what an advisor must be able to do. Nothing: all alike |
| `taken_by` | who took it; nothing for whom nobody took |
| `taken` | when, if not at `until` |
| `promised` | by when an answer was promised |

Further columns are not read.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from tierlane.errors import SourceError
from tierlane.replay.discovery.wait import Wait
from tierlane.replay.source.arrow import arrow
from tierlane.replay.source.compressed import lines

HINT: Final = "columns: contact, since, until; and priority, kind, taken_by, taken, promised"
ROWS: Final = 10_000
"""Rows of Parquet that are read at once."""


def read_waits(path: Path) -> Iterator[Wait]:
    """Yield the waits of a file. Raises `SourceError` with file and line.

    The end of its name tells its form: `.csv`, `.jsonl` (both also `.gz`, `.zst`) or `.parquet`.
    """
    plain = path.name.removesuffix(".gz").removesuffix(".zst")
    rows: Iterable[tuple[int, Mapping[str, Any]]]
    if plain.endswith(".csv"):
        rows = _of_csv(path)
    elif plain.endswith((".jsonl", ".json")):
        rows = _of_json(path)
    elif plain.endswith(".parquet"):
        rows = _of_parquet(path)
    else:
        raise SourceError(f"`{path}` is of no form that is read", hint="csv, jsonl or parquet")
    for number, row in rows:
        try:
            yield _wait(row)
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"`{path}`:{number} {_fault(error)}", hint=HINT) from None


def _of_csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    text = (line.decode("utf-8", "replace") for line in lines(path))
    reader = csv.DictReader(text)
    for row in reader:
        yield reader.line_num, row


def _of_json(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise SourceError(f"`{path}`:{number} not JSON: column {error.colno}") from None
        if type(row) is not dict:
            raise SourceError(f"`{path}`:{number} no JSON object", hint=HINT)
        yield number, row


def _of_parquet(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    pa = arrow()
    number = 0
    try:
        with pa.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0].strip().rstrip(".")
        raise SourceError(f"`{path}`: row {number + 1}: {reason}") from None


def _wait(row: Mapping[str, Any]) -> Wait:
    since, until = _time(row, "since"), _time(row, "until")
    if since is None or until is None:
        raise KeyError("since" if since is None else "until")
    taken, promised = _time(row, "taken"), _time(row, "promised")
    return Wait(
        contact=str(row["contact"]),
        day=f"{since:%Y-%m-%d}",
        since=since.timestamp(),
        until=until.timestamp(),
        priority=float(row.get("priority") or 0),
        kind=str(row.get("kind") or ""),
        taken_by=str(row.get("taken_by") or ""),
        taken=None if taken is None else taken.timestamp(),
        promised=None if promised is None else promised.timestamp(),
    )


def _time(row: Mapping[str, Any], name: str) -> datetime | None:
    told = row.get(name)
    if told is None or told == "":
        return None
    try:
        at = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(f"{name}: not an ISO 8601 time") from None
    if at.tzinfo is None:
        raise ValueError(f"{name}: a time without an offset")
    return at


def _fault(error: Exception) -> str:
    """Say what is wrong with a row, never what stood there."""
    if isinstance(error, KeyError):
        return f"{error.args[0]}: missing"
    text = str(error)
    return text if text.endswith(("time", "offset")) else "priority: not a number"

"""Writes the numbers of a report into a folder: JSON, and each of its tables as Parquet."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from tierlane.replay.report.figure import TABLES
from tierlane.replay.source.arrow import arrow


def write_numbers(report: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Write `report.json`, and a Parquet file for each table that has rows; return their paths.

    A policy that was supposed is `what-if.yaml`. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "report.json"
    whole.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    tables = [_parquet(folder / f"{name}.parquet", report[name]) for name in TABLES if report[name]]
    return (whole, *tables)


def _parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    pa = arrow()
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    pa.parquet.write_table(pa.table(columns), path)
    return path


def _column(values: Sequence[Any]) -> Any:
    """Return a column of text, of truth, or of numbers, which are all floats."""
    pa = arrow()
    told = [one for one in values if one is not None]
    if all(isinstance(one, bool) for one in told) and told:
        return pa.array(values, pa.bool_())
    if all(isinstance(one, int | float) for one in told):
        return pa.array([None if one is None else float(one) for one in values], pa.float64())
    return pa.array(values, pa.string())

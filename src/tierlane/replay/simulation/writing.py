"""Writes the results of a study into a folder: JSON, CSV for workforce planning, Parquet."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from tierlane.replay.simulation.figure import PLANNING, ROW, as_json, planning, rows
from tierlane.replay.simulation.study import Study
from tierlane.replay.source.arrow import arrow

_TEXT = frozenset({"side", "by", "name", "measure", "from", "to", "lane", "skill"})


def write_figures(study: Study, folder: Path) -> tuple[Path, ...]:
    """Write the files anew and return their paths; raises OSError.

    `simulation.json` is the whole; `measures` and `intervals` are its tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "simulation.json"
    whole.write_bytes(orjson.dumps(as_json(study), option=orjson.OPT_INDENT_2) + b"\n")
    written = [whole]
    for name, columns, found in (
        ("measures", ROW, tuple(rows(study))),
        ("intervals", PLANNING, tuple(planning(study))),
    ):
        written += [
            _csv(folder / f"{name}.csv", columns, found),
            _parquet(folder / f"{name}.parquet", columns, found),
        ]
    return tuple(written)


def _csv(path: Path, columns: Sequence[str], found: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(found)
    return path


def _parquet(path: Path, columns: Sequence[str], found: Sequence[Sequence[Any]]) -> Path:
    pa = arrow()
    fields = [pa.field(one, pa.string() if one in _TEXT else pa.float64()) for one in columns]
    data = {
        one: [row[place] if one in _TEXT or row[place] is None else float(row[place])
              for row in found]
        for place, one in enumerate(columns)
    }  # fmt: skip
    pa.parquet.write_table(pa.table(data, schema=pa.schema(fields)), path)
    return path

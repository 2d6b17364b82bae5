"""The stored report and its pages: what one small record gives under one seed.

`python -m tests.unit.page.report.stored` writes them anew. Look at the difference before it is kept: a
number that changed for no stated reason is a fault.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.unit.replay.report import asked
from tierlane.page.report.sheet import page
from tierlane.page.report.wording import LANGUAGES

FOLDER = Path(__file__).parent / "golden"
ENGINE = {"tierlane": "golden", "language": 1, "cel": "golden", "tzdata": "golden"}
"""Stands for the versions that are installed: raising one of them changes no report."""
BEHAVIOUR = "service: [{exponential: 110s}]\npatience: [{exponential: 200s}]\n"
"""Stated, so that no fit is made: its last digits hang on the processor."""
ARGUMENTS = (
    "--policy", "policy.yaml", "--staffing", "staffing.yaml", "--what-if", "gold waits at most 60s",
    "--replications", "3", "--cores", "1", "--rate", "30 EUR", "--numbers", "numbers",
)  # fmt: skip


def made(folder: Path) -> dict[str, Any]:
    """Make the report anew in an empty folder, and return it; its tables lie in `numbers`."""
    asked.write(folder, contacts=70)
    staffing = folder / "staffing.yaml"
    staffing.write_text(
        staffing.read_text(encoding="utf-8").replace("count: 4", "count: 3") + BEHAVIOUR
    )
    record = folder / "record" / "contacts.jsonl"
    lines = [orjson.loads(line) for line in record.read_bytes().splitlines()]
    for place, one in enumerate(lines):
        if one["type"] == "tierlane.contact.ended.v1":
            one["data"]["outcome"] = "resolved" if place % 3 else "unclear"
    record.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in lines))
    before = Path.cwd()
    os.chdir(folder)  # so that the report names files as anybody's would
    try:
        done = asked.report(Path(), *ARGUMENTS)
    finally:
        os.chdir(before)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = orjson.loads((folder / "numbers" / "report.json").read_bytes())
    return {**found, "engine": ENGINE}


def stored() -> dict[str, Any]:
    """Return the report that is stored."""
    found: dict[str, Any] = orjson.loads((FOLDER / "report.json").read_bytes())
    return found


def renew() -> None:
    """Write report and pages anew."""
    with TemporaryDirectory() as folder:
        report = made(Path(folder))
    lines = [orjson.dumps({key: value})[1:-1] for key, value in report.items()]
    (FOLDER / "report.json").write_bytes(b"{\n" + b",\n".join(lines) + b"\n}\n")
    for language in LANGUAGES:
        (FOLDER / f"{language}.html").write_text(page(report, language), encoding="utf-8")
    sys.stdout.write(f"wrote {FOLDER}\n")


if __name__ == "__main__":
    renew()

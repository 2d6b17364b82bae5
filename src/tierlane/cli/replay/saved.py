"""Results that were saved as JSON: a report to show again, and results to show within one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tierlane.errors import UsageError
from tierlane.replay.report.figure import FORMAT


def saved_report(path: Path) -> dict[str, Any]:
    """Return a report that was written by `--numbers`; raises UsageError."""
    found = _read(path)
    if not isinstance(found, dict) or found.get("report") != FORMAT:
        hint = "`report.json` of `tierlane replay report --numbers FOLDER`"
        raise UsageError(f"`{path}` holds no report", hint=hint)
    return found


def findings_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the results in a file, each with its `kind`; raises UsageError for others."""
    found = _read(path)
    kind = _kind(found) if isinstance(found, dict) else ""
    if not kind:
        hint = "JSON of `tierlane replay discover --format json`, or of `feedback`"
        raise UsageError(f"`{path}` is no result that a report can show", hint=hint)
    yield section_of(found, kind)


def section_of(found: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a result as a section of a report."""
    if kind != "feedback":
        return {**found, "kind": kind}
    # Thousands of comparisons call nothing.
    called = [one for one in found["comparisons"] if one["verdict"] in ("better", "worse")]
    return {**found, "kind": kind, "comparisons": called}


def _kind(found: dict[str, Any]) -> str:
    if "feedback" in found and "comparisons" in found:
        return "feedback"
    return "discovery" if {"waits", "periods", "regimes"} <= set(found) else ""


def _read(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}") from None

"""Results of cases as JUnit XML, the form that build servers show."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from tierlane.policy.trial.trying import Result


def junit(results: Mapping[Path, Iterable[Result]], seconds: float) -> bytes:
    """Return one suite a file, one test case a case; `seconds` is what all took."""
    suites = [(path, tuple(many)) for path, many in results.items()]
    every = [one for _, many in suites for one in many]
    root = ET.Element("testsuites", {"name": "tierlane policy test", **_counts(every)})
    root.set("time", f"{seconds:.3f}")
    for path, many in suites:
        suite = ET.SubElement(root, "testsuite", {"name": str(path), **_counts(many)})
        suite.set("skipped", str(sum(bool(one.skipped) for one in many)))
        suite.extend(_case(path, one) for one in many)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _counts(many: Iterable[Result]) -> dict[str, str]:
    listed = list(many)
    failures = sum(bool(one.differences) for one in listed)
    return {"tests": str(len(listed)), "failures": str(failures), "errors": "0"}


def _case(path: Path, one: Result) -> ET.Element:
    element = ET.Element("testcase", {"name": _sayable(one.case), "classname": str(path)})
    if one.skipped:
        ET.SubElement(element, "skipped").text = one.skipped  # older schemas know no attribute
    elif one.differences:
        count = len(one.differences)
        message = f"{count} {'difference' if count == 1 else 'differences'}"
        failure = ET.SubElement(element, "failure", {"type": "case", "message": message})
        lines = [
            f"{part.key}: expected {part.expected}, got {part.got}" for part in one.differences
        ]
        failure.text = _sayable("\n".join((str(one.place), *lines)))
    return element


def _sayable(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return "".join(c if c >= " " or c in "\t\n" else "\ufffd" for c in text if not _apart(c))


def _apart(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff"

"""Tells verdicts to build servers: JUnit XML, and a short Markdown summary for a pull request."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from tierlane.replay.gate.limit import KEPT, Verdict


def junit(verdicts: Sequence[Verdict]) -> bytes:
    """Return one suite with a test case for each limit."""
    broken = sum(one.how != KEPT for one in verdicts)
    about = {"tests": str(len(verdicts)), "failures": str(broken), "errors": "0"}
    root = ET.Element("testsuites", {"name": "tierlane replay gate", **about})
    suite = ET.SubElement(root, "testsuite", {"name": "limits", **about})
    for one in verdicts:
        case = ET.SubElement(suite, "testcase", {"name": one.limit.name, "classname": "limits"})
        if one.how != KEPT:
            message = f"{one.limit.told}: {one.told}"
            failure = ET.SubElement(case, "failure", {"type": one.how, "message": message})
            failure.text = f"{one.limit.place}\n{message}"
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def markdown(verdicts: Sequence[Verdict]) -> str:
    """Return a heading with the verdict, and a table of the limits, the broken ones first."""
    broken = sum(one.how != KEPT for one in verdicts)
    head = f"**{broken} of {len(verdicts)} limits broken**" if broken else "**All limits kept**"
    rows = sorted(verdicts, key=lambda one: one.how == KEPT)
    return (
        f"{head}\n\n| limit | asks | on side | figure | verdict |\n|---|---|---|---|---|\n"
        + "".join(_row(one) for one in rows)
    )


def _row(one: Verdict) -> str:
    verdict = one.how if one.how == KEPT else f"**{one.how}**"
    cells = (one.limit.name, one.limit.told, one.side, one.told, verdict)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

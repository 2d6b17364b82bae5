"""The policies that ship, and the language's first example: checked, their cases passing."""

from pathlib import Path

import pytest

from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_document
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.trying import run

PACKS = Path("src/tierlane/policy/packs")
SHOP = Path("tests/policy/shop.yaml")
COMPLETE = Path("tests/policy/complete")
ALL = [*sorted(PACKS.glob("*.yaml")), SHOP, *sorted(COMPLETE.glob("*.yaml"))]


def failed(text: str) -> list[str]:
    report = Report()
    document = read_document(text, "p.yaml", report)
    revision = compile_document(document, report)
    report.stop_on_errors()
    assert revision is not None
    results = [run(revision, one) for one in document.cases]
    return [one.case for one in results if not one.passed and not one.skipped]


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_cases_pass_and_no_error_is_found(path):
    text = path.read_text()
    assert failed(text) == []
    assert [one for one in check(text, str(path)) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("old", "new", "cases"),
    [
        ("[own, shoes, 15]", "[own, shoes, 11]", 1),
        ("resolve: 48h", "resolve: 90h", 1),
        ("never: [selfservice], priority: 10", "priority: 10", 2),
        ("retain: 5y", "retain: 4y", 1),
        ("margin: 5%", "margin: 4%", 1),
        ("keep: 90d", "keep: 30d", 1),
        ("keep: 90d", "keep: 120d", 1),
        ("ignore_tier: [quality]", "ignore_tier: []", 1),
        ("manner: patient", "manner: brisk", 1),
        ("identity: 1}", "identity: 2}", 1),
        ("fallback: after-sales", "fallback: people", 1),
        ("from: {1: known, 5: regular}", "from: {1: known, 6: regular}", 1),
    ],
)
def test_a_deliberate_change_fails_a_case(old, new, cases):
    text = SHOP.read_text()
    assert old in text
    assert len(failed(text.replace(old, new, 1))) >= cases


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("shop", "limit: {waiting: 2,", "limit: {waiting: 3,"),
        ("shop", "skip_if: lane.free == 0, ", ""),
        ("shop", "most: 30, within: open", "most: 30, within: open, when: lane.kind == 'priority'"),
        ("shop", "keepers: {calendar: office}", "keepers: {}"),
        ("shop", "{priority: 20, borrow", "{priority: 21, borrow"),
        ("shop", "{lane: after-sales, priority: 10}", "{lane: after-sales}"),
        ("airline", "who: [advisor.id == memory.last_advisor], ", ""),
        ("airline", "{lane: platinum line, priority: 10, until: 2m}", "{priority: 30, until: 2m}"),
        ("bank", "calendar: day", "calendar: null"),
        ("bank", ", closed: wait", ""),
        ("bank", "{lane: people, priority: 5}", "{lane: people}"),
        ("bank", "identity: 2", "identity: 1"),
    ],
)
def test_a_deliberate_change_of_a_complete_policy_fails_a_case(name, old, new):
    text = (COMPLETE / f"{name}.yaml").read_text()
    assert old in text
    if new.endswith("'priority'"):
        text = text.replace("when: lane.kind == 'dedicated', ", "")
    assert failed(text.replace(old, new, 1)) != []

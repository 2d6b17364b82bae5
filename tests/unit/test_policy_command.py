"""`tierlane policy check` and `test`: findings and failed cases, for people and programs."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from tests.policy.writing import policy
from tierlane.cli import tierlane

SHOP = "tests/policy/shop.yaml"


def run(*arguments: str):
    return CliRunner().invoke(tierlane, ["policy", *arguments])


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, name: str = "p.yaml") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_a_sound_policy_exits_0_and_warnings_count_when_strict(written):
    path = written(policy())
    done = run("check", path)
    assert done.exit_code == 0 and f"{path}:1:1: warning no_cases" in done.stdout
    assert "1 checked: 0 errors, 3 warnings" in done.stderr
    assert run("check", "--strict", path).exit_code == 1


def test_findings_as_json(written):
    path = written(policy("scenarios: {default: a, ignore_tier: [b]}\n"))
    done = run("check", "--format", "json", path, SHOP)
    assert done.exit_code == 1
    (wrong,) = [one for one in json.loads(done.stdout) if one["severity"] == "error"]
    assert wrong == {
        "code": "unknown_scenario", "severity": "error", "file": path,
        "line": len(policy().splitlines()) + 1, "column": 39,
        "message": "no rule gives the scenario `b`", "hint": "there is `a`",
    }  # fmt: skip


def test_a_file_that_is_not_there_exits_2_and_one_that_is_no_yaml_1(written):
    assert run("check", "nowhere.yaml").exit_code == 2
    done = run("check", written("["))
    assert done.exit_code == 1 and "error not_yaml" in done.stdout


def test_cases_that_pass():
    done = run("test", SHOP)
    assert done.exit_code == 0 and done.stdout == ""
    assert f"{SHOP}: 10 of 10 cases passed" in done.stderr


def test_a_failed_case_shows_both_sides(written):
    text = "cases: [{case: one, contact: {channel: chat}, expect: {lane: bot, step: 1}}]\n"
    path = written(policy(text))
    done = run("test", path)
    assert done.exit_code == 1
    line = len(policy().splitlines()) + 1
    assert done.stdout.splitlines() == [
        f"{path}:{line}:9: failed: one",
        "          expected  got",
        "    lane  bot       people",
    ]
    told = json.loads(run("test", "--format", "json", path).stdout)
    assert told == [
        {"case": "one", "file": path, "line": line, "passed": False, "skipped": None,
         "differences": [{"key": "lane", "expected": "bot", "got": "people"}]}
    ]  # fmt: skip


def test_cases_may_stand_in_a_file_of_their_own(written):
    written(policy())
    case = "{case: one, contact: {channel: chat}, expect: {lane: people}}"
    path = written(f"policy: p.yaml\ncases: [{case}]\n", "cases.yaml")
    done = run("test", path)
    assert done.exit_code == 0 and "1 of 1 cases passed" in done.stderr


def test_a_policy_with_errors_cannot_be_tested(written):
    done = run("test", written(policy("fields2: 1\n")))
    assert done.exit_code == 2 and "unknown_key" in done.stderr


CASES = """\
priorities: {default: 1, rules: [{rule: 订单优先, when: contact.subject == 'order', then: 5}]}
serving: [{rule: 问候, then: {script: 您好}}]
cases:
  - case: 订单
    contact: {channel: chat, subject: order}
    profile: null
    expect: {priority: 5, serve: {script: 你好}}
  - {case: other, contact: {channel: chat}, profile: null, expect: {lane: people}}
  - case: later
    start: 2026-03-02T09:00:00+08:00
    contacts: {k1: {contact: {channel: chat}}}
    timeline: [{at: 0s, arrives: [k1], expect: {k1: {lane: people}}}]
"""


def test_both_sides_stand_in_columns_whatever_the_script(written):
    path = written(policy(CASES))
    lines = run("test", path).stdout.splitlines()
    assert lines[1:] == [
        "           expected      got",
        "    serve  script: 你好  script: 您好",
    ]


def test_a_timeline_is_run_and_told_as_any_other_case(written):
    path = written(policy(CASES.replace("你好", "您好")))
    done = run("test", path)
    assert done.exit_code == 0 and f"{path}: 3 of 3 cases passed\n" in done.stderr
    path = written(
        policy(CASES.replace("你好", "您好").replace("k1: {lane: people}", "k1: {lane: bot}"))
    )
    done = run("test", path)
    assert done.exit_code == 1 and "at 0s k1.lane" in done.stdout
    told = json.loads(run("test", "--format", "json", path).stdout)
    assert [bool(one["passed"]) for one in told] == [True, True, False]
    assert told[2]["differences"] == [{"key": "at 0s k1.lane", "expected": "bot", "got": "people"}]


def test_coverage_and_mutation_are_told_to_people_and_programs(written):
    path = written(policy(CASES.replace("你好", "您好")))
    done = run("test", "--coverage", "--mutate", path)
    assert done.exit_code == 1
    assert "not reached: lane `lanes/bot`" in done.stdout
    assert "not noticed: priority `priorities/订单优先` silenced" not in done.stdout
    assert "not noticed: step `plans/all/1` silenced" in done.stdout
    assert "3 cases reach 5 of 8 rows, 62.5 %" in done.stderr
    assert "3 of 4 changes noticed, 0 by the check" in done.stderr
    told = json.loads(run("test", "--coverage", "--mutate", "--format", "json", path).stdout)
    (covered,), (survey,) = told["coverage"], told["mutation"]
    assert covered["kinds"]["lane"] == {"reached": 1, "of": 3}
    assert {one["row"] for one in covered["unreached"]} == {
        "lanes/bot", "lanes/keeper", "fallback"
    }  # fmt: skip
    assert survey["unnoticed"][0]["row"] == "plans/all/1" and survey["changes"] == 4
    assert len(told["cases"]) == 3


def test_coverage_not_whole_counts_when_strict(written):
    case = "cases: [{case: one, contact: {channel: chat}, expect: {lane: people}}]\n"
    lanes = "desks: {shop: {managed: false}}\nlanes: {people: {kind: standard, desk: shop}}\n"
    path = written(policy(case, lanes=lanes))
    assert run("test", "--coverage", path).exit_code == 0
    assert run("test", "--coverage", "--strict", path).exit_code == 1
    plans = (
        "plans: [{plan: all, steps: [{lane: people, when: contact.channel == 'voice'}, "
        "{lane: people, when: contact.channel == 'mail'}]}]\n"
    )
    both = "".join(
        f"  - {{case: {channel}, contact: {{channel: {channel}}}, expect: {{lane: people}}}}\n"
        for channel in ("voice", "mail", "chat")
    )
    whole = written(policy(f"cases:\n{both}", lanes=lanes, plans=plans))
    assert run("test", "--coverage", "--strict", whole).exit_code == 0


def test_cases_of_several_files_are_counted_together(written):
    policy_path = written(policy())
    more = "{case: one, contact: {channel: chat}, expect: {lane: people}}"
    path = written(f"policy: p.yaml\ncases: [{more}]\n", "cases.yaml")
    done = run("test", "--coverage", policy_path, path)
    assert f"{policy_path}: 1 case reaches" in done.stderr


JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"failure", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "skipped": (set(), set()),
}
"""Of the common schema what is written: an element's attributes and what it holds."""


def test_junit_has_a_suite_a_file_and_a_case_a_case(written, tmp_path):
    path = written(policy(CASES).replace("case: other", "case: 'a & <b>'"))
    report = tmp_path / "report.xml"
    assert run("test", "--junit", str(report), path, SHOP).exit_code == 1
    root = ET.fromstring(report.read_bytes())
    for element in root.iter():
        attributes, inner = JUNIT[element.tag]
        assert set(element.attrib) == attributes and {one.tag for one in element} <= inner
    assert (root.get("tests"), root.get("failures")) == ("13", "1")
    suite = root[0]
    assert (suite.get("name"), suite.get("skipped")) == (path, "0")
    assert [one.get("name") for one in suite] == ["订单", "a & <b>", "later"]
    failure = suite[0][0]
    assert failure.text.splitlines()[1:] == ["serve: expected script: 你好, got script: 您好"]
    assert failure.get("message") == "1 difference"


def test_a_policy_of_many_rows_is_changed_up_to_a_bound(written, monkeypatch):
    monkeypatch.setattr("tierlane.cli.policy.test.MOST_CHANGES", 3)
    path = written(policy(CASES.replace("你好", "您好")))
    done = run("test", "--mutate", path)
    assert "of 3 changes noticed" in done.stderr and "were not tried" in done.stderr
    told = json.loads(run("test", "--mutate", "--format", "json", path).stdout)
    assert told["mutation"][0]["all_tried"] is False


def test_notes_are_told_and_never_count(written):
    text = (
        "scenarios: {default: a, rules: [{rule: r, when: contact.subject == 'order', then: b}, "
        "{rule: s, when: contact.subject == 'claim', then: c}]}\n"
        "cases: [{case: one, contact: {channel: chat}, profile: null, expect: {lane: people}}]\n"
    )
    steps = "{lane: bot}, {lane: keeper, when: contact.identity == 1}, {lane: people}"
    path = written(policy(text, plans=f"plans: [{{plan: all, steps: [{steps}]}}]\n"))
    done = run("check", "--strict", path)
    assert "note gap: no row of `scenarios`" in done.stdout
    assert done.stderr.splitlines()[-1].endswith("1 note") and "0 errors" in done.stderr
    told = json.loads(run("check", "--format", "json", "--gaps", path).stdout)
    assert {one["severity"] for one in told if one["code"] == "gap"} == {"note"}


def test_progress_is_said_on_a_terminal_and_only_when_it_takes_long(monkeypatch, capsys):
    from tierlane.cli.policy import check as command

    now = [0.0]
    monkeypatch.setattr(command, "monotonic", lambda: now[0])
    for shown, after, said in ((True, 1.9, ""), (False, 9.0, ""), (True, 2.1, "looking at plans")):
        now[0] = 0.0
        with command.Progress(shown=shown) as progress:
            progress("facts/f")
            now[0] = after
            progress("plans")
        assert capsys.readouterr().err.strip("\r ") == said

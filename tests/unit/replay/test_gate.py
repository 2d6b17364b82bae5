"""Limits on figures: what keeps them, what breaks them, and who is told how."""

import xml.etree.ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.errors import UsageError
from tierlane.replay.gate.known import MEASURES
from tierlane.replay.gate.limit import BROKEN, KEPT, MISSING, judged
from tierlane.replay.gate.limits_file import LimitsError, read_limits
from tierlane.replay.gate.telling import junit, markdown

LIMITS = b"""limits:
  - {limit: gold is answered, measure: service_level, by: tier, name: gold, at_least: 80%}
  - {limit: nobody pays, measure: mean_wait, side: B-A, at_most: 5s, surely: true}
  - {limit: before it was so, measure: worst_wait, side: A, at_most: 10m}
"""


def row(side, by, name, measure, value, half=0.01):  # noqa: PLR0917 # a row of the figures
    return {
        "side": side, "by": by, "name": name, "measure": measure, "value": value,
        "low": None if half is None else value - half,
        "high": None if half is None else value + half, "samples": 9,
    }  # fmt: skip


def figures(gold=0.85, pays=2.0, half=1.0, worst=500.0):
    return [
        row("A", "tier", "gold", "service_level", 0.1),
        row("B", "tier", "gold", "service_level", gold),
        row("B-A", "all", "", "mean_wait", pays, half), row("A", "all", "", "worst_wait", worst),
    ]  # fmt: skip


def verdicts(**about):
    return [one.how for one in judged(read_limits(LIMITS, "l.yaml"), figures(**about))]


def test_limits_that_are_kept():
    assert verdicts() == [KEPT, KEPT, KEPT]
    assert verdicts(gold=0.80, pays=4, worst=600) == [KEPT, KEPT, KEPT]


@pytest.mark.parametrize(
    ("about", "wrong"),
    [({"gold": 0.7999}, 0), ({"pays": 4.5}, 1), ({"half": 3.1}, 1), ({"worst": 600.1}, 2)],
)
def test_limits_that_are_broken(about, wrong):
    """The second asks for the whole interval: 4.5 ± 1 and 2 ± 3.1 reach over 5."""
    assert [place for place, how in enumerate(verdicts(**about)) if how == BROKEN] == [wrong]


def test_a_figure_that_is_missing_keeps_no_limit():
    found = judged(read_limits(LIMITS, "l.yaml"), figures(half=None)[:3])
    assert [one.how for one in found] == [KEPT, MISSING, MISSING]


def test_the_last_policy_is_meant_unless_a_side_is_named():
    alone = [row("A", "tier", "gold", "service_level", 0.9)]
    first, *_ = judged(read_limits(LIMITS, "l.yaml"), alone)
    assert (first.side, first.how) == ("A", KEPT)


def test_what_are_no_figures_is_told():
    with pytest.raises(UsageError, match="in no form"):
        judged(read_limits(LIMITS, "l.yaml"), [{"side": "A"}])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits: []", "names no limit"),
        ("limits: [{measure: mean_wait, at_most: 1}]", "needs the key `limit`"),
        ("limits: [{limit: a, measure: mean_wait}]", "needs one of `at_least` and `at_most`"),
        ("limits: [{limit: a, measure: mean_wait, at_least: 1, at_most: 2}]", "needs one of"),
        ("limits: [{limit: a, measure: mean_wait, at_least: soon}]", "a share such as `80%`"),
        ("limits: [{limit: a, measure: mean_wait, at_least: x%}]", "a share such as `80%`"),
        ("limits: [{limit: a, measure: mean_wait, at_least: 1, side: C}]", "`side` is never `C`"),
        (
            "limits: [{limit: a, measure: mean_wait, at_least: 1, by: tier}]",
            "needs the `name` of its tier",
        ),
        (
            "limits: [{limit: a, measure: mean_wait, at_least: 1, by: colour, name: red}]",
            "never `colour`",
        ),
        (
            "limits: [{limit: a,measure: left, at_most: 9}, {limit: a,measure: left, at_most: 9}]",
            "twice",
        ),
        (
            "limits: [{limit: a, measure: mean_wiat, at_most: 1}]",
            "no measure is called `mean_wiat`",
        ),
        ("limits: [{limit: a, measure: mean_wiat, at_most: 1}]", "did you mean `mean_wait`?"),
        ("limits: [{limit: a, measure: hours, at_most: 1}]", "`hours` is no measure by all"),
        ("limits: [{limit: a, measure: hours, at_most: 1}]", "one by `all work`, `desk`, `group`"),
        ("x: [", "limits cannot be used"),
    ],
)
def test_faults_are_told_with_their_place(text, told):
    with pytest.raises(LimitsError) as error:
        read_limits(text.encode(), "l.yaml")
    assert told in str(error.value) and "l.yaml:" in str(error.value)


@pytest.mark.parametrize(
    ("text", "bound"), [("80%", 0.8), ("-2%", -0.02), ("1m30s", 90), ("-5s", -5), ("3", 3)]
)
def test_bounds_are_shares_times_or_numbers(text, bound):
    (found,) = read_limits(
        f"limits: [{{limit: a, measure: mean_wait, at_most: {text}}}]".encode(), "l.yaml"
    )
    assert found.bound == bound


def test_every_measure_there_is_can_be_named():
    """What `simulate`, `diff`, `report` and `feedback` measure, and by what: the look-alikes."""
    rows = [
        f"  - {{limit: {by} {measure}, measure: {measure}, by: {by}, name: x, at_most: 1}}"
        for by, names in MEASURES.items()
        for measure in names
    ]
    assert len(read_limits("\n".join(["limits:", *rows]).encode(), "l.yaml")) == len(rows)


@pytest.mark.parametrize(
    ("about", "hint"),
    [
        ("measure: service_level, by: tier, name: golf", "did you mean `gold`?"),
        ("measure: wait_90, by: tier, name: gold", "there is `service_level`"),
        ("measure: worst_wait, side: B", "it is on side A"),
        ("measure: mean_wait, by: lane, name: x", "there are no figures by lane"),
    ],
)
def test_a_figure_that_is_missing_is_told_with_what_was_meant(about, hint):
    text = f"limits: [{{limit: a, {about}, at_most: 1}}]"
    (found,) = judged(read_limits(text.encode(), "l.yaml"), figures())
    assert found.how == MISSING
    assert hint in found.told


def test_build_servers_are_told_of_what_is_broken():
    found = judged(read_limits(LIMITS, "l.yaml"), figures(gold=0.5))
    suite = ET.fromstring(junit(found)).find("testsuite")
    assert suite.attrib | {"name": ""} == {"name": "", "tests": "3", "failures": "1", "errors": "0"}
    (failure,) = suite.iter("failure")
    assert "l.yaml:2:5" in failure.text and "at least 0.8" in failure.attrib["message"]
    lines = markdown(found).splitlines()
    assert lines[0] == "**1 of 3 limits broken**" and "gold is answered" in lines[4]
    assert markdown(judged(read_limits(LIMITS, "l.yaml"), figures())).startswith(
        "**All limits kept**"
    )


def run(tmp_path, told, *options):
    (tmp_path / "limits.yaml").write_bytes(LIMITS)
    (tmp_path / "simulation.json").write_bytes(orjson.dumps(told))
    words = ["--limits", str(tmp_path / "limits.yaml"), str(tmp_path / "simulation.json"), *options]
    return CliRunner().invoke(tierlane, ["replay", "gate", *words])


def test_the_command_names_the_broken_ones_and_ends_with_one(tmp_path):
    kept = run(tmp_path, {"measures": figures()})
    assert kept.exit_code == 0 and "all 3 limits kept" in kept.output
    broken = run(
        tmp_path, {"measures": figures(gold=0.5)}, "--markdown", str(tmp_path / "s.md"),
        "--junit", str(tmp_path / "j.xml"),
    )  # fmt: skip
    assert broken.exit_code == 1
    assert "1 of 3 limits broken: gold is answered" in broken.output
    assert (tmp_path / "s.md").read_text() and (tmp_path / "j.xml").read_bytes()


def test_the_command_gives_json(tmp_path):
    found = orjson.loads(run(tmp_path, {"measures": figures()}, "--format", "json").output)
    assert [one["verdict"] for one in found["limits"]] == ["kept"] * 3


def test_a_run_that_was_stopped_passes_no_gate(tmp_path):
    told = {"measures": figures(), "replications": {"asked": 9, "done": 3, "complete": False}}
    stopped = run(tmp_path, told)
    assert stopped.exit_code == 2 and "stopped after 3 of 9" in stopped.stderr


def test_what_was_stopped_before_the_end_passes_no_gate(tmp_path):
    stopped = run(tmp_path, {"measures": figures(), "complete": False})
    assert stopped.exit_code == 2 and "stopped before the end" in stopped.stderr


def test_what_holds_no_figures_is_told(tmp_path):
    refused = run(tmp_path, {"x": 1})
    assert refused.exit_code == 2 and "holds no figures" in refused.stderr


MOVED = b"""limits:
  - {limit: few move, measure: moved, at_most: 5%}
  - {limit: gold stays, measure: moved, by: tier, name: gold, at_most: 0%}
"""


def test_shares_that_move_are_held_to_limits(tmp_path):
    """`diff --format json` and a report tell who is decided otherwise, on the side `B-A` alone."""
    from tests.unit.replay.report import asked

    folder = asked.write(tmp_path, contacts=60)
    policy = folder / "policy.yaml"
    other = folder / "next.yaml"
    other.write_text(
        asked.POLICY.replace(
            "scenario == 'results', steps", "scenario == 'results' || tier == 'gold', steps"
        ),
        encoding="utf-8",
    )
    (folder / "limits.yaml").write_bytes(MOVED)
    told = CliRunner().invoke(
        tierlane,
        [
            "replay",
            "diff",
            "--policy",
            str(policy),
            "--against",
            str(other),
            "--format",
            "json",
            str(folder / "record"),
        ],
    )
    (folder / "diff.json").write_bytes(told.stdout_bytes)
    report = asked.asked(folder, "--against", str(other))
    assert report.exit_code == 0, report.output
    for name in ("diff.json", "numbers/report.json"):
        call = [
            "replay",
            "gate",
            "--limits",
            str(folder / "limits.yaml"),
            str(folder / name),
            "--format",
            "json",
        ]
        done = CliRunner().invoke(tierlane, call)
        assert done.exit_code == 1
        found = orjson.loads(done.stdout)["limits"]
        assert [(one["side"], one["verdict"]) for one in found] == [("B-A", "broken")] * 2
        assert 0 < found[0]["value"] < found[1]["value"] < 1
    rows = orjson.loads((folder / "numbers/report.json").read_bytes())["measures"]
    unknown = {
        (one["by"], one["measure"]) for one in rows if one["measure"] not in MEASURES[one["by"]]
    }
    assert unknown == set()


def test_without_the_extra_the_remedy_is_told(monkeypatch, tmp_path):
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr("tierlane.replay.extra.import_module", absent)
    (tmp_path / "limits.yaml").write_text("limits: []\n", encoding="utf-8")
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    words = ["replay", "gate", "--limits", tmp_path / "limits.yaml", tmp_path / "x.json"]
    done = CliRunner().invoke(tierlane, list(map(str, words)))
    assert done.exit_code == 2
    assert "the extra `replay`" in done.stderr and "pip install 'tierlane[replay]'" in done.stderr

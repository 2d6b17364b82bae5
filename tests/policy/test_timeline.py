"""The timelines of the language's examples: read in full, each name known, and run on a desk."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.policy.form.case import Timeline
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.reader import read_cases

FILES = sorted(Path("tests/policy/timeline").glob("*.yaml"))


def run(path: Path, *arguments: str):
    return CliRunner().invoke(tierlane, ["policy", "test", *arguments, str(path)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_timeline_is_valid_and_holds(path):
    done = run(path, "--strict")
    assert done.exit_code == 0 and "1 of 1 cases passed\n" in done.stderr, done.output


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "shop",
            "lane: after-sales, priority",
            "lane: aftersales, priority",
            "no lane `aftersales`",
        ),
        ("airline", "platinum line: [k1]", "platinum lime: [k1]", "did you mean `platinum line`?"),
        ("airline", "{duty: {silver desk: 1}}", "{duty: silver}", "no duty `silver`"),
        ("bank", "plan: foreign visitors", "plan: foreign visitor", "no plan `foreign visitor`"),
        ("bank", "advisors: {e: on}", "advisors: {f: on}", "has no advisor `f`"),
        ("bank", "at: 46s", "at: 1s", "a row is not later than the one before"),
    ],
)
def test_a_wrong_name_in_one_is_told(name, old, new, told, tmp_path):
    text = Path(f"tests/policy/timeline/{name}.yaml").read_text(encoding="utf-8")
    policy = Path(f"tests/policy/complete/{name}.yaml").resolve()
    assert old in text
    path = tmp_path / "cases.yaml"
    changed = text.replace(old, new, 1).replace(f"../complete/{name}.yaml", str(policy))
    path.write_text(changed, encoding="utf-8")
    done = run(path)
    assert done.exit_code == 2 and told in done.stderr


def test_what_is_read_is_frozen_and_typed():
    (path,) = [one for one in FILES if one.stem == "airline"]
    report = Report()
    _, (one,) = read_cases(path.read_text(encoding="utf-8"), str(path), report)
    assert report.errors == () and isinstance(one, Timeline)
    assert [moment.at for moment in one.moments] == [0, 15_000, 119_900, 120_000, 125_000, 130_000]
    assert one.start == 1_777_597_200_000
    assert [(duty.lane.name, duty.rank) for duty in one.advisors[0].duty] == [("platinum line", 1)]
    assert one.moments[4].declines[0][0].name == "sil"
    with pytest.raises(AttributeError):
        one.start = 0


PUBLISHED = """
tierlane: 1
policy: before
desks: {shop: {offer: {lasts: 10s}}}
lanes: {people: {kind: standard, desk: shop}, other: {kind: standard, desk: shop}}
plans: [{plan: everybody, steps: [{lane: people}]}]
finally: {until: 24h, close: sorry}
fallback: people
cases:
  - case: a policy is published while contacts wait
    contacts: {k1: {contact: {channel: chat}}, k2: {contact: {channel: chat}}}
    timeline:
      - {at: 0s, arrives: [k1]}
      - {at: 5s, publish: after.yaml, in_flight: HOW, arrives: [k2], expect: {k1: {lane: WHERE}, k2: {lane: other}}}
"""


@pytest.mark.parametrize(
    ("how", "kept", "lane"),
    [("pin", True, "people"), ("reroute", True, "other"), ("pin", False, "other")],
)
def test_a_policy_is_published_on_the_way(how, kept, lane, tmp_path):
    """Who waits keeps its plan or is decided again; it is, whatever is said, if its lane is gone."""
    before = PUBLISHED.replace("HOW", how).replace("WHERE", lane)
    after = PUBLISHED.partition("cases:")[0].replace(
        "steps: [{lane: people}]", "steps: [{lane: other}]"
    )
    if not kept:
        after = after.replace("people: {kind: standard, desk: shop}, ", "").replace(
            "fallback: people", "fallback: other"
        )
    (tmp_path / "after.yaml").write_text(after, encoding="utf-8")
    (tmp_path / "before.yaml").write_text(before, encoding="utf-8")
    done = run(tmp_path / "before.yaml")
    assert done.exit_code == 0, done.output


def test_what_is_not_as_expected_is_told_with_age_and_contact(tmp_path):
    text = Path("tests/policy/timeline/shop.yaml").read_text(encoding="utf-8")
    policy = Path("tests/policy/complete/shop.yaml").resolve()
    text = text.replace("../complete/shop.yaml", str(policy)).replace(
        "people: [k1, k2]", "people: [k2, k1]"
    )
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert done.exit_code == 1
    told = [line.split() for line in done.stdout.splitlines()]
    assert ["at", "20s", "order", "people:", "k2", "k1", "people:", "k1", "k2"] in told

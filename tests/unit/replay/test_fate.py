"""How contacts fare under two policies: by hand, on any cores, and as the command tells it."""

import math
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from tests.unit.replay.simulation.stage import ONE_LINE, coming, group, scene, waits
from tierlane.cli import tierlane
from tierlane.cli.replay.fated import sentences
from tierlane.replay.diff import lines
from tierlane.replay.diff.fate import Gathering, told
from tierlane.replay.diff.lines import fates
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.distribution import Exponential
from tierlane.replay.simulation.estimate import mean, ratio
from tierlane.replay.simulation.pool import Pool

LAST_FIRST = ONE_LINE.replace(b"order: [waited]", b"order: [{most: contact.identity}]")
QUEUE = [
    coming("k1", 0, service=100),
    coming("k2", 1, service=100, identity=1),
    coming("k3", 2, service=100, identity=2),
    coming("k4", 3, service=100, identity=3),
]
"""k1 is served at once; then A takes k2, k3, k4 and B k4, k3, k2."""
MODEL = Behaviour((Row(Exponential(60_000.0)),), (Row(Exponential(90_000.0)),))


def many(policy=ONE_LINE):
    contacts = [
        coming(f"k{n}", n * 5, identity=n % 7)._replace(lasted=None, gave_up=None)
        for n in range(200)
    ]
    return scene(contacts, (group("a", 10),), policy, MODEL)


def test_by_hand():
    a, b = scene(QUEUE), scene(QUEUE, policy=LAST_FIRST)
    assert waits(a) == {"k1": 0, "k2": 99, "k3": 198, "k4": 297}
    assert waits(b) == {"k1": 0, "k2": 299, "k3": 198, "k4": 97}
    found = fates(a, b, 1, 2)
    by_id = {one.contact_id: one for one in found.contacts}
    assert {name: one.later.value for name, one in by_id.items()} == {
        "k1": 0, "k2": 200, "k3": 0, "k4": -200,
    }  # fmt: skip
    # Nothing is drawn by lot here: both replications are alike, and no interval has any width.
    assert {name: one.later.half for name, one in by_id.items()} == dict.fromkeys(by_id, 0.0)
    assert [name for name, one in by_id.items() if one.sure] == ["k2", "k4"]
    whole = found.segments[0]
    assert (whole.by, whole.value) == ("all", "")
    assert whole.of("longer").value == whole.of("shorter").value == 0.25
    assert whole.of("later").value == 0
    assert found.as_dict()["surely_longer"] == found.as_dict()["surely_shorter"] == 1


def test_who_gives_up_by_one_policy_only_is_won_or_lost_and_has_no_difference():
    """k2 has patience for A's wait, not for B's; k4 the other way about."""
    patient = {"k2": 150.0, "k4": 150.0}
    queue = [one._replace(gave_up=None) for one in QUEUE]
    queue = [
        one._replace(gave_up=patient[one.contact_id] * 1000) if one.contact_id in patient else one
        for one in queue
    ]
    behaviour = Behaviour((Row(None),), (Row(None),))
    a = scene(queue, behaviour=behaviour)
    b = scene(queue, policy=LAST_FIRST, behaviour=behaviour)
    found = fates(a, b, 1, 1)
    by_id = {one.contact_id: one for one in found.contacts}
    assert (by_id["k2"].gave_up_a, by_id["k2"].gave_up_b) == (0, 1)
    assert (by_id["k4"].gave_up_a, by_id["k4"].gave_up_b) == (1, 0)
    assert by_id["k2"].later.value is by_id["k4"].later.value is None
    assert by_id["k2"].served_by_b == by_id["k4"].served_by == ""
    whole = found.segments[0]
    assert whole.of("won").value == whole.of("lost").value == 0.25
    assert whole.of("won").half is None, "one replication has no interval"


def test_the_same_policy_changes_nothing_though_all_is_drawn():
    found = fates(many(), many(), 3, 3)
    assert all(one.later.value in (0, None) and not one.sure for one in found.contacts)
    assert sentences(found)[0].startswith("nobody waits longer or shorter")


def test_sums_are_those_of_the_contacts():
    found = fates(many(), many(LAST_FIRST), 3, 4)
    whole = found.segments[0]
    for measure, share in (("gave_up_a", "gave_up_a"), ("gave_up_b", "gave_up_b")):
        by_contact = sum(getattr(one, share) for one in found.contacts) / len(found.contacts)
        assert whole.of(measure).value == pytest.approx(by_contact)
    both = [(one.later.value * one.later.samples, one.later.samples) for one in found.contacts
            if one.later.value is not None]  # fmt: skip
    later = sum(total for total, _ in both) / sum(count for _, count in both)
    assert whole.of("later").value == pytest.approx(later)
    assert any(one.sure for one in found.contacts), "the order is turned round for some"


def test_the_same_bytes_on_any_number_of_cores():
    def written(cores):
        found = fates(many(), many(LAST_FIRST), 3, 4, cores=cores)
        return orjson.dumps([found.as_dict(), list(found.rows())])

    assert written(2) == written(1)


def test_replications_in_any_order_give_the_same():
    with Pool((many(), many(LAST_FIRST)), 3, 1, lines.kept) as pool:
        played = list(pool.replicate(range(1, 5)))
    forth, back = Gathering(), Gathering()
    for number, (a, b) in played:
        forth.add(number, a, b)
    for number, (a, b) in reversed(played):
        back.add(number, a, b)
    assert forth.fates(3, 4) == back.fates(3, 4)


def test_ctrl_c_leaves_what_was_played():
    def stop(done):
        if done == 2:
            raise KeyboardInterrupt

    found = fates(many(), many(LAST_FIRST), 3, 4, told=stop)
    assert (found.done, found.complete) == (2, False)
    assert found == replace(fates(many(), many(LAST_FIRST), 3, 2), asked=4)


def test_a_mean_by_sums_is_that_of_its_numbers():
    numbers = [3, 5, 5, 9, 11]
    found = mean(sum(numbers), sum(one * one for one in numbers), len(numbers), scale=10)
    plain = ratio([(one / 10, 1.0) for one in numbers])
    assert found.value == pytest.approx(plain.value)
    assert found.half == pytest.approx(plain.half)
    assert mean(21, 147, 3).half == 0, "equal numbers have no spread"
    assert mean(7, 49, 1).half is None
    assert mean(0, 0, 0).value is None
    assert not told(mean(7, 49, 1))
    assert told(mean(21, 147, 3))
    assert math.isclose(mean(6, 20, 2).half, 12.7062 * math.sqrt(2 / 2), rel_tol=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two policies, a staff and contacts."""
    path = tmp_path_factory.mktemp("fate")
    path.joinpath("a.yaml").write_bytes(ONE_LINE)
    path.joinpath("b.yaml").write_bytes(LAST_FIRST)
    path.joinpath("staff.yaml").write_text(
        "staffing: s\nadvisors: {g: {count: 1}}\nservice: [{exponential: 1m}]\n"
        "patience: [{exponential: 2m}]\n"
    )
    with path.joinpath("contacts.jsonl").open("wb") as file:
        for number in range(60):
            data = {"contact_id": f"k{number}", "channel": "voice", "identity": number % 5}
            event = {
                "specversion": "1.0", "id": f"e{number}", "source": "t",
                "type": "tierlane.contact.arrived.v1",
                "time": f"2026-03-02T08:{number:02}:00+08:00",
                "data": {**data, "attributes": {}},
            }  # fmt: skip
            file.write(orjson.dumps(event) + b"\n")
    return path


def asked(folder: Path, *words: str):
    given = ["--policy", folder / "a.yaml", "--against", folder / "b.yaml", *words]
    return CliRunner().invoke(tierlane, ["replay", "diff", *map(str, given),
                                         str(folder / "contacts.jsonl")])  # fmt: skip


def test_the_command_tells_decisions_and_lines(folder: Path):
    staff = ("--staffing", str(folder / "staff.yaml"), "--replications", "3", "--cores", "1")
    said = asked(folder, *staff, "--contacts", str(folder / "fates.parquet"))
    assert said.exit_code == 0, said.output
    assert "the change changes nothing: each contact gets the same lane" in said.stdout
    assert "waiting lines: 3 replications, seed 1" in said.stdout
    rows = pyarrow.parquet.read_table(folder / "fates.parquet").to_pylist()
    assert [one["contact_id"] for one in rows] == [f"k{number}" for number in range(60)]
    told_of = orjson.loads(asked(folder, *staff, "--format", "json").stdout)["lines"]
    assert told_of["contacts"] == 60
    whole = {one["measure"]: one for one in told_of["segments"] if one["by"] == "all"}
    answered = [one for one in rows if one["later"] is not None]
    later = sum(one["later"] * one["samples"] for one in answered)
    assert whole["later"]["value"] == pytest.approx(later / sum(one["samples"] for one in answered))


def test_options_of_lines_need_a_staffing(folder: Path):
    said = asked(folder, "--contacts", "x.parquet")
    assert said.exit_code == 2
    assert "belong to `--staffing`" in said.stderr

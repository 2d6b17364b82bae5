"""Two policies over the same contacts: beside decisions made one by one, on any cores."""

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result

from tests.replay.scene import DAY, FIRST, SECOND, Records, recorded
from tierlane.cli import tierlane
from tierlane.errors import SourceError
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.diff.diff import Text, compiled, diff
from tierlane.replay.diff.shard import Shard, belongs
from tierlane.replay.recording import record
from tierlane.replay.source.opening import opened
from tierlane.replay.source.order import cut
from tierlane.replay.source.table import Table
from tierlane.replay.stored import StoredRecord
from tierlane.stream.policy_file import find_file
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES
from tierlane.value import parse_time


def nothing(asked: str, beside: str) -> None:
    """Find no base: these policies extend none."""


A = Text(FIRST.encode(), "a.yaml", nothing)
B = Text(SECOND.encode(), "b.yaml", nothing)
STAGED = FIRST.replace("memory.contacts, from: {1: known", "memory.contacts, from: {2: known")
"""Remembers customers otherwise."""


def told(*words: object) -> Result:
    return CliRunner().invoke(tierlane, ["replay", "diff", *map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both policies and a recording."""
    path = tmp_path_factory.mktemp("diff")
    for name, text in (("a", FIRST), ("b", SECOND), ("staged", STAGED)):
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    record(Records(recorded()), path / "scene")
    return path


def arrivals() -> list[StoredRecord]:
    return [
        one
        for one in recorded()
        if one.topic == CONTACT_EVENTS and one.value and b"contact.arrived" in one.value
    ]


def one_by_one() -> Counter[tuple[str, str]]:
    """Decide each arrival by both policies, as `tierlane decide` would, remembering nothing."""
    a, b = compiled(A), compiled(B)
    profiles: dict[str, Any] = {}
    lanes: Counter[tuple[str, str]] = Counter()
    for one in recorded():
        if one.topic == CUSTOMER_PROFILES:
            raw = orjson.loads(one.value) if one.value else None
            profiles[(one.key or b"").decode()] = raw and raw.get("data", raw)
        elif one in ONCE:
            event = orjson.loads(one.value or b"")
            data, at = event["data"], parse_time(event["time"])
            profile = profiles.get(data.get("customer_id"))
            found = [revision.decide(data, profile, None, at) for revision in (a, b)]
            lanes[found[0].outcome.lane, found[1].outcome.lane] += 1
    return lanes


ARRIVALS = set(arrivals())


def once() -> dict[StoredRecord, None]:
    """Return the arrivals without those that were heard within a day before."""
    heard: dict[tuple[Any, ...], int] = {}
    kept: dict[StoredRecord, None] = {}
    for one in arrivals():
        event = orjson.loads(one.value or b"")
        name = one.key, event["source"], event["id"]
        if name not in heard or one.timestamp - heard[name] >= DAY:
            kept[one], heard[name] = None, one.timestamp
    return kept


ONCE = once()


def test_lanes_are_those_of_each_decision():
    found = diff(Records(recorded()), A, B)
    lanes: Counter[tuple[str, str]] = Counter()
    for way, count in found.ways.items():
        lanes[way.lane, way.lane_b] += count
    assert lanes == one_by_one()
    assert found.contacts == len(ONCE) and found.unreadable == 0
    assert found.duplicates == len(arrivals()) - len(ONCE) >= 4
    assert found.moved == lanes["shop people", "shop folk"] > 10
    assert 0 < found.other_terms == sum(count for _, count in _terms(found))


def _terms(found: Any) -> list[tuple[Any, int]]:
    same = [(way, count) for way, count in found.ways.items() if not way.moved and not way.terms]
    assert {way.tier for way, _ in same} == {"gold"}  # whose priority is another
    return same


def test_the_same_bytes_on_any_number_of_cores(folder):
    words = (folder / "scene", "--policy", folder / "a.yaml", "--against", folder / "staged.yaml")
    one, two, three = (told(*words, "--cores", n, "--format", "json") for n in (1, 2, 3))
    assert one.exit_code == 0 and one.stdout == two.stdout == three.stdout
    assert orjson.loads(one.stdout)["contacts"] == len(ONCE)


def test_large_tables_and_other_sources_are_compared_alike(folder, monkeypatch):
    """Small tables are gone through by one process, whatever number is asked for."""
    # `find_file` and not `nothing`: this module makes a recording wherever it is imported.
    texts = (Text(FIRST.encode(), "a", find_file), Text(STAGED.encode(), "s", find_file))
    monkeypatch.setattr("tierlane.replay.crew.SMALL", 0)
    by_themselves = diff(opened([folder / "scene"]), *texts, cores=2)
    dealt = diff(Records(recorded()), *texts, cores=2)
    alone = diff(Records(recorded()), *texts)
    assert by_themselves.as_dict() == dealt.as_dict() == alone.as_dict()


def test_samples_of_one_moment_are_the_same_whoever_took_which_contacts():
    moment = b"2026-03-02T08:00:00+08:00"
    made = [
        one._replace(value=_at(one.value or b"", moment)) if one in ARRIVALS else one
        for one in recorded()
    ]
    a, b = compiled(A), compiled(B)
    whole, parts = Shard(a, b), [Shard(a, b) for _ in range(3)]
    whole.take(made)
    joined = Comparison(whole.comparison().a, whole.comparison().b)
    for number, part in enumerate(parts):
        part.take([one for one in made if belongs(one, number, 3)])
        joined.add(part.comparison())
    assert joined.as_dict() == whole.comparison().as_dict()
    assert any(len(some) == 3 for some in joined.samples.values())


def _at(value: bytes, moment: bytes) -> bytes:
    event = orjson.loads(value)
    return orjson.dumps(event | {"time": moment.decode()})


def test_ctrl_c_leaves_what_was_compared(folder, monkeypatch):
    words = (folder / "scene", "--policy", folder / "a.yaml", "--against", folder / "b.yaml")
    whole = orjson.loads(told(*words, "--format", "json").stdout)
    read, begun = Table.records, []

    def slow(self: Table, topics: Any = None, mine: Any = None) -> Any:
        for number, one in enumerate(read(self, topics, mine)):
            if number == 150 and one.topic == CONTACT_EVENTS and not begun:
                begun.append(signal.raise_signal(signal.SIGINT))
            yield one

    monkeypatch.setattr(Table, "records", slow)
    monkeypatch.setattr("tierlane.replay.source.opening.cut", lambda some: cut(some, 100))
    done = told(*words, "--cores", 1, "--format", "json")
    part = orjson.loads(done.stdout)
    assert done.exit_code == 130 and "stopped:" in done.stderr
    assert whole["complete"] and not part["complete"]
    assert 0 < part["contacts"] < whole["contacts"]


def test_what_each_policy_remembers_is_its_own(folder):
    found = diff(Records(recorded()), A, Text(STAGED.encode(), "s", nothing))
    assert {way.because for way in found.ways} == {"", "facts/stage/1"}
    once = sum(count for way, count in found.ways.items() if way.because)
    assert 20 < once < found.contacts  # who came before, once by A and not yet by B


def test_a_change_that_changes_nothing_says_so(folder, tmp_path):
    (tmp_path / "same.yaml").write_text(FIRST + "\n# a remark\n", encoding="utf-8")
    words = ("--policy", folder / "a.yaml", "--against", tmp_path / "same.yaml", "--cores", 1)
    done = told(folder / "scene", *words)
    assert done.exit_code == 0 and "the change changes nothing" in done.stdout


@pytest.mark.parametrize(("language", "word"), [("en", "shop people"), ("zh", "进入通道")])
def test_samples_are_told_in_words(folder, language, word):
    words = ("--policy", folder / "a.yaml", "--against", folder / "b.yaml", "--cores", 1)
    done = told(folder / "scene", *words, "--explain", language)
    assert done.exit_code == 0, done.output
    assert "shop people ──▶ shop folk" in done.stdout and word in done.stdout
    assert "go to another lane" in done.stdout and "because" in done.stdout


def test_every_way_can_be_written_as_parquet(folder, tmp_path):
    words = ("--policy", folder / "a.yaml", "--against", folder / "b.yaml", "--cores", 1)
    done = told(folder / "scene", *words, "--out", tmp_path / "d.parquet", "--format", "json")
    rows = pyarrow.parquet.read_table(tmp_path / "d.parquet").to_pylist()
    assert rows == orjson.loads(done.stdout)["rows"]
    assert sum(row["contacts"] for row in rows) == len(ONCE)


def test_a_sample_never_shows_what_is_masked(folder):
    words = ("--policy", folder / "a.yaml", "--against", folder / "b.yaml", "--cores", 1)
    done = orjson.loads(told(folder / "scene", *words, "--format", "json").stdout)
    shown = [one[side]["inputs"] for one in done["samples"] for side in ("a", "b")]
    assert shown and not any("contact.text" in one or "profile.birth_year" in one for one in shown)


def test_a_source_without_arrivals_is_an_error(folder):
    with pytest.raises(SourceError, match="no arrivals"):
        diff(Records([]), A, B)
    broken = told(
        folder / "scene", "--policy", folder / "none.yaml", "--against", folder / "b.yaml"
    )
    assert broken.exit_code == 2 and "cannot be read" in broken.stderr

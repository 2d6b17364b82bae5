"""The order that made a log is the one that is found in it."""

import signal
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import orjson
import pytest
from click.testing import CliRunner

from tests.unit.replay.discovery.line import served
from tierlane.cli import INTERRUPTED, tierlane
from tierlane.errors import SourceError
from tierlane.replay.discovery.choice import choices
from tierlane.replay.discovery.discovery import Discovery, discover
from tierlane.replay.discovery.order import ageing, credit, fifo, hits, promised, strict
from tierlane.replay.discovery.plot import plot
from tierlane.replay.discovery.wait import Wait
from tierlane.value import format_time

ORDERS = {
    "fifo": lambda one, now: one.since,
    "credit": lambda one, now: one.since - 60 * one.priority,
    "strict": lambda one, now: (-one.priority, one.since),
    "ageing": lambda one, now: -(now - one.since) * 3.0**one.priority,
    "promised": lambda one, now: one.promised,
}


def first(found: Discovery) -> tuple[str, float | None]:
    best = found.periods[0].orders[0]
    return best.order.name, best.order.figure


@pytest.mark.parametrize("name", ORDERS)
def test_the_order_that_made_a_log_explains_all_of_it(name) -> None:
    made = {"fifo": fifo(), "credit": credit(60), "strict": strict(), "ageing": ageing(3.0),
            "promised": promised()}  # fmt: skip
    given = choices(served(ORDERS[name]))
    assert len(given) > 300
    assert hits(made[name], given).min() == 1


@pytest.mark.parametrize(
    ("name", "figure"),
    [("fifo", None), ("credit", 60), ("strict", None), ("ageing", 3.0), ("promised", None)],
)
def test_the_order_is_found_in_spite_of_noise(name, figure) -> None:
    assert first(discover(served(ORDERS[name], noise=0.15))) == (name, figure)


def test_the_interval_holds_the_share_and_narrows_with_days() -> None:
    few = discover(served(ORDERS["credit"], noise=0.2, days=4)).periods[0].orders[0]
    many = discover(served(ORDERS["credit"], noise=0.2, days=24)).periods[0].orders[0]
    assert few.low <= few.share <= few.high
    assert many.high - many.low < few.high - few.low


def test_the_knee_is_where_the_credit_of_the_log_lies() -> None:
    knee = discover(served(ORDERS["credit"], noise=0.1, days=10)).periods[0].knee
    assert knee is not None
    assert knee.low <= 60 <= knee.high
    assert knee.high - knee.low < 60


def test_a_line_without_credit_has_no_knee() -> None:
    assert discover(served(ORDERS["fifo"], noise=0.1)).periods[0].knee is None


def test_the_day_on_which_the_order_changed_is_found() -> None:
    before = served(ORDERS["fifo"], days=9, noise=0.1)
    after = served(ORDERS["strict"], days=9, noise=0.1, seed=2)
    later = [one._replace(day=one.day.replace("-03-", "-04-")) for one in after]
    found = discover([*before, *(_moved(one) for one in later)])
    assert [(part.first, part.last, order.name) for part, order in found.regimes] == [
        ("2026-03-01", "2026-03-09", "fifo"),
        ("2026-04-01", "2026-04-09", "strict"),
    ]
    assert [one.name for one in found.periods] == ["all", "2026-03", "2026-04"]


def test_one_order_throughout_is_one_regime() -> None:
    found = discover(served(ORDERS["credit"], days=14, noise=0.2))
    assert len(found.regimes) == 1


def test_the_same_seed_gives_the_same_result() -> None:
    line = served(ORDERS["credit"], noise=0.2)
    assert discover(line, seed=3).json() == discover(list(reversed(line)), seed=3).json()
    assert discover(line, seed=3).json() != discover(line, seed=4).json()


def test_kinds_that_an_advisor_hardly_serves_are_no_candidates() -> None:
    day = "2026-03-01"
    usual = [Wait(f"u{n}", day, 1000 + n, 1000.5 + n, 0, "x", "a") for n in range(100)]
    once = [Wait("odd", day, 5000, 5001, 0, "y", "a")]
    moment = [
        Wait("older", day, 9000, 9999, 1, "y"), Wait("high", day, 9001, 9999, 1, "x"),
        Wait("taken", day, 9002, 9010, 0, "x", "a"), Wait("gone", day, 9000, 9009, 1, "x"),
    ]  # fmt: skip
    given = choices([*usual, *once, *moment])
    assert len(given) == 1
    assert given.waited.tolist() == [9.0, 8.0]  # `older` is not served, `gone` had left
    assert hits(fifo(), given).tolist() == [0]


def test_candidates_that_an_order_cannot_tell_apart_share_the_hit() -> None:
    line = [
        Wait("a", "2026-03-01", 10, 20, 1, "x", "s"), Wait("b", "2026-03-01", 10, 30, 0, "x", "s"),
    ]  # fmt: skip
    given = choices(line)
    assert hits(fifo(), given).tolist() == [0.5]
    assert hits(strict(), given).tolist() == [1]


def test_a_log_without_any_choice_is_refused() -> None:
    with pytest.raises(SourceError, match="nobody had a choice"):
        discover([Wait("a", "2026-03-01", 0, 10, 0, "x", "s")])


def test_the_drawing_has_a_curve_a_month_and_loads_nothing() -> None:
    before = served(ORDERS["fifo"])
    after = [_moved(one) for one in served(ORDERS["credit"], seed=2)]
    drawn = plot(discover([*before, *after]))
    assert drawn.count("<polyline") == 2
    assert "2026-04" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert "nan" not in drawn


def _moved(one: Wait) -> Wait:
    later = 40 * 86_400.0
    return one._replace(
        day=one.day.replace("2026-03", "2026-04"), since=one.since + later, until=one.until + later,
        promised=None if one.promised is None else one.promised + later,
    )  # fmt: skip


def test_columns_are_as_long_as_the_candidates() -> None:
    given = choices(served(ORDERS["fifo"], days=1))
    assert np.add.reduceat(given.taken.astype(int), given.begins).tolist() == [1] * len(given)


def test_ctrl_c_leaves_what_the_log_says_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = served(ORDERS["credit"])
    text = "contact,since,until,priority,taken_by\n" + "".join(
        f"{one.contact},{format_time(round(one.since * 1000))},"
        f"{format_time(round(one.until * 1000))},{one.priority},{one.taken_by}\n"
        for one in line
    )
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr("tierlane.replay.heeding.EVERY", 100)

    def stop(count: int) -> None:
        if count == len(line) // 200 * 100:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("tierlane.cli.replay.progress.counted", lambda *_: nullcontext(stop))
    words = ["replay", "discover", f"waits:{tmp_path / 'w.csv'}", "--format", "json"]
    done = CliRunner().invoke(tierlane, words)
    assert done.exit_code == INTERRUPTED, done.output
    told = orjson.loads(done.stdout)
    assert not told["complete"] and told["waits"] == len(line) // 200 * 100
    assert told["periods"][0]["orders"][0]["order"] == "credit" and "stopped: " in done.stderr

"""The bank's month as scenes: who was there, who came, and nothing told of what came after."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.february.compare import compare
from benchmarks.february.presence import at_internet, beside_idle, by_day, presence, turnover
from benchmarks.february.scene import comings, fitted, scene
from tierlane.replay.simulation.behaviour import Behaviour
from tierlane.replay.source.anonbank import Row, read
from tierlane.replay.source.anonbank.row import COLUMNS

NONE = "0:00:00"


def clock(second: int) -> str:
    return f"{8 + second // 3600}:{second // 60 % 60:02}:{second % 60:02}"


def call(number: int, queue: tuple[int, int] | None, served: tuple[int, int] | None, **more):
    begin = queue[0] if queue else served[0]
    row = {
        "vru_line": "AA0101", "call_id": number, "customer_id": 0, "priority": 0, "type": "PS",
        "date": "1999-02-01", "vru_entry": clock(begin - 8), "vru_exit": clock(begin),
        "q_start": NONE, "q_exit": NONE, "ser_start": NONE, "ser_exit": NONE,
        "outcome": "AGENT" if served else "HANG", "server": "NO_SERVER",
    }  # fmt: skip
    if queue:
        row |= {"q_start": clock(queue[0]), "q_exit": clock(queue[1])}
    if served:
        row |= {"ser_start": clock(served[0]), "ser_exit": clock(served[1]), "server": "s1"}
    return row | more


def rows(tmp_path: Path, *calls) -> list[Row]:
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(calls)
    found = list(read(path))
    assert all(isinstance(one, Row) for one in found)
    return found


def test_a_server_is_there_until_nothing_is_served_for_the_gap(tmp_path):
    found = rows(
        tmp_path,
        call(1, None, (100, 200)),
        call(2, None, (1099, 1200)),
        call(3, None, (2100, 2200)),
    )
    (stays,) = presence(found, timedelta(seconds=900)).values()
    assert [(one.end - one.begin).total_seconds() for one in stays] == [1100, 100]


def test_the_time_from_service_to_service_counts_where_the_next_was_waiting(tmp_path):
    found = rows(
        tmp_path,
        call(1, None, (100, 200)),
        call(2, (150, 206), (206, 300)),  # waited, and was taken after 6 s
        call(3, (290, 310), (310, 400)),  # after 10 s
        call(4, (420, 430), (430, 500)),  # nobody waited when the one before ended
        call(5, (450, 1500), (1500, 1600)),  # the server was away
        call(6, (1550, 1600), (1590, 1700)),  # overlaps
    )
    assert turnover(found, timedelta(minutes=10)) == timedelta(seconds=8)
    assert turnover(found[:1], timedelta(minutes=10)) == timedelta()


def test_who_queues_beside_an_idle_server_is_counted(tmp_path):
    found = rows(
        tmp_path,
        call(1, None, (100, 200)), call(2, None, (400, 500)),
        call(3, (150, 420), None),  # the server is busy
        call(4, (205, 240), None),  # not idle for long enough
        call(5, (300, 320), None),  # idle
        call(6, (600, 640), None),  # gone
        call(7, (310, 330), None, type="IN"), call(8, (310, 330), None, outcome="PHANTOM"),
    )  # fmt: skip
    stays = presence(found, timedelta(minutes=5))
    assert beside_idle(found, stays, frozenset()) == (4, 1)
    assert beside_idle(found, stays, frozenset({"s1"})) == (4, 0)


def test_who_serves_mostly_internet_calls_is_at_that_desk(tmp_path):
    found = rows(
        tmp_path,
        call(1, None, (100, 200), type="IN"), call(2, None, (300, 400), type="IN"),
        call(3, None, (500, 600)), call(4, None, (500, 600), server="s2"),
    )  # fmt: skip
    assert at_internet(found) == {"s1"}


def test_callers_come_when_they_leave_the_vru(tmp_path):
    found = rows(
        tmp_path, call(1, (100, 130), (130, 300)), call(2, (100, 160), None),
        call(3, (100, 160), None, outcome="PHANTOM"), call(4, None, (50, 80)),
    )  # fmt: skip
    told = [(one.contact_id, one.waited, one.gave_up, one.lasted) for one in comings(found)]
    assert told == [
        ("AA0101-4", 0.0, None, 30_000.0),
        ("AA0101-1", 30_000.0, None, 170_000.0),
        ("AA0101-2", 0.0, 60_000.0, None),
    ]


def test_the_simulation_is_not_told_what_came_after(tmp_path):
    found = rows(tmp_path, call(1, (100, 130), (130, 300)), call(2, (100, 160), None))
    one = scene(date(1999, 2, 1), found, presence(found, timedelta(hours=1)), frozenset(),
                Behaviour())  # fmt: skip
    came = one.demand.comings(None)
    assert {(each.lasted, each.gave_up, each.waited) for each in came} == {(None, None, 0.0)}
    (group,) = one.staffing.groups
    assert (group.name, group.desk, group.hours[0].begin) == ("s1", "centre", 482)


def test_a_quiet_day_comes_out_as_it_was(tmp_path):
    """A server for each caller, and nobody waits: nor do they in the simulation."""
    calls = [
        call(number, None, (number * 60, number * 60 + 30), server=f"s{number % 2}")
        for number in range(1, 80)
    ]
    calls += [call(80, None, (4800, 4950), server="s0"), call(81, None, (4860, 5010))]
    found = rows(tmp_path, *calls)
    assert len(by_day(found)) == 1
    month = compare(found, fitted(found), 30, replications=2, seed=1)
    figures = {one.measure: (one.real, one.simulated.value) for one in month.whole}
    assert figures["contacts"] == (81, 81)
    assert figures["abandonment"] == (0, 0)
    real, simulated = figures["mean_wait"]
    assert real == 0 and simulated == pytest.approx(0, abs=2)

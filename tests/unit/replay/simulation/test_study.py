"""Studies: the same bytes on any number of cores, A beside B, and what Ctrl-C leaves."""

from dataclasses import replace
from datetime import date

import orjson
import pytest

from tests.unit.replay.simulation.stage import ONE_LINE, coming, group
from tierlane.errors import UsageError
from tierlane.replay.simulation import study as module
from tierlane.replay.simulation.behaviour import Behaviour, Row
from tierlane.replay.simulation.chance import Chance
from tierlane.replay.simulation.distribution import Exponential
from tierlane.replay.simulation.figure import as_json
from tierlane.replay.simulation.goal import goal
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.pool import Pool
from tierlane.replay.simulation.recorded import Gathering, Recorded
from tierlane.replay.simulation.recorded import gathered as recorded_of
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.search import Search
from tierlane.replay.simulation.staffing import Staffing
from tierlane.replay.simulation.study import study
from tierlane.replay.simulation.workload import Rate, Stream, Workload
from tierlane.replay.simulation.workload_file import WorkloadError, read_workload
from tierlane.replay.simulation.writing import write_figures
from tierlane.replay.source.opening import opened
from tierlane.value import parse_time

MINUTE = 60_000.0
MODEL = Behaviour((Row(Exponential(2 * MINUTE)),), (Row(Exponential(3 * MINUTE)),))
LAST_FIRST = ONE_LINE.replace(b"order: [waited]", b"order: [{most: contact.identity}]")


def day(rate=120.0, **about):
    return Workload(
        "w",
        (Stream("k", {"channel": "voice"}, (Rate(rate, 480, 600),)),),
        date(2026, 3, 2),
        **about,
    )


def scene(advisors=5, policy=ONE_LINE, demand=None, **about):
    staffing = Staffing("s", (group("g", advisors),), behaviour=MODEL)
    return Scene(Text(policy, "p.yaml"), staffing, demand or day(), **about)


def written(found):
    return orjson.dumps(as_json(found))


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_cores():
    one = study((scene(), scene(4)), 7, 5, cores=1)
    assert written(study((scene(), scene(4)), 7, 5, cores=2)) == written(one)
    assert written(study((scene(), scene(4)), 8, 5)) != written(one)


def test_real_desks_give_the_same_bytes_as_plain_lines():
    contacts = tuple(day().comings(Chance(3, 1)))
    scenes = (scene(demand=Recorded(contacts)), scene(4, LAST_FIRST, demand=Recorded(contacts)))
    found = study(scenes, 7, 3)
    assert [one.why_real for one in found.sides] == ["", ""]
    assert written(study(scenes, 7, 3, exact=True)) == written(found)


def test_a_replication_hangs_on_no_other():
    """The first three of five are those of three."""
    five, three = study((scene(),), 7, 5), study((scene(),), 7, 3)
    assert (
        three.sides[0].line("all").of("contacts").value
        != five.sides[0].line("all").of("contacts").value
    )
    firsts = {len(list(day().comings(Chance(7, number)))) for number in (1, 2, 3)}
    assert sum(firsts) / 3 == pytest.approx(three.sides[0].line("all").of("contacts").value)


def test_a_policy_against_itself_changes_nothing_at_all():
    found = study((scene(), scene()), 7, 3)
    assert found.sides[0].lines == found.sides[1].lines
    assert {one.value for line in found.differences for _, one in line.measures} <= {0.0, None}


def test_one_advisor_more_helps_and_the_pairs_show_it_where_the_figures_hide_it():
    found = study((scene(4), scene(5)), 7, 8)
    (better,) = [line.of("mean_wait") for line in found.differences if line.by == "all"]
    assert better.high < 0
    a, b = (side.line("all").of("mean_wait") for side in found.sides)
    assert better.half < a.half + b.half


class Interrupted:
    """A pool in which Ctrl-C comes after some replications."""

    def __init__(self, after):
        self.after = after

    def __call__(self, *about, **more):
        one = Pool(*about, **more)
        self.original = one.replicate
        one.replicate = self.replicate
        return one

    def replicate(self, numbers):
        yield from self.original(list(numbers)[: self.after])
        raise KeyboardInterrupt


def test_ctrl_c_leaves_what_was_played(monkeypatch):
    whole = study((scene(),), 7, 3)
    monkeypatch.setattr(module, "Pool", Interrupted(3))
    found = study((scene(),), 7, 9)
    assert not found.complete and (found.asked, found.done) == (9, (1, 2, 3))
    assert found.sides == whole.sides


def test_ctrl_c_before_anything_was_played_is_passed_on(monkeypatch):
    monkeypatch.setattr(module, "Pool", Interrupted(0))
    with pytest.raises(KeyboardInterrupt):
        study((scene(),), 7, 9)


def test_batches_of_one_long_run_are_samples():
    found = study((scene(counting=Counting(batches=4)),), 7, 1)
    assert found.sides[0].line("all").of("mean_wait").samples > 0
    assert found.sides[0].line("all").of("contacts").samples == 4


def test_a_warm_up_is_left_out_once():
    """120 an hour from 8 to 10, of which the first does not count: it is told from midnight."""
    after = Counting(warm_up=9 * 3_600_000)
    for exact in (False, True):
        found = study((scene(counting=after),), 7, 4, exact=exact).sides[0]
        counts = [
            sum(one.arrived >= day().begin + after.warm_up for one in day().comings(Chance(7, n)))
            for n in (1, 2, 3, 4)
        ]
        assert found.line("all").of("contacts").value == sum(counts) / 4 > 100
        assert sum(slot.contacts for slot in found.slots) == pytest.approx(sum(counts) / 4)


def test_results_are_written_three_ways(tmp_path):
    import pyarrow.parquet

    found = study((scene(),), 7, 2)
    names = [path.name for path in write_figures(found, tmp_path)]
    assert names == [
        "simulation.json",
        "measures.csv",
        "measures.parquet",
        "intervals.csv",
        "intervals.parquet",
    ]
    whole = orjson.loads((tmp_path / "simulation.json").read_bytes())
    assert whole == orjson.loads(written(found))
    table = pyarrow.parquet.read_table(tmp_path / "measures.parquet").to_pylist()
    assert [row["value"] for row in table] == [row["value"] for row in whole["measures"]]
    lines = (tmp_path / "intervals.csv").read_text().splitlines()
    assert lines[0].startswith("side,from,to,lane,skill,contacts") and len(lines) == 1 + len(
        whole["intervals"]
    )


def test_the_intervals_add_up_to_the_whole():
    found = study((scene(),), 7, 3).sides[0]
    assert sum(slot.contacts for slot in found.slots) == pytest.approx(
        found.line("all").of("contacts").value
    )
    assert {slot.begin % 1_800_000 for slot in found.slots} == {0}


# ---------------------------------------------------------------------- where contacts come from


def test_made_arrivals_come_at_their_rate_within_their_hours():
    comings = [one for number in range(40) for one in day().comings(Chance(1, number))]
    assert pytest.approx(len(comings) / 40, abs=4 * (240 / 40) ** 0.5) == 240
    begin = parse_time("2026-03-02T08:00:00Z")
    assert all(begin <= one.arrived < begin + 7_200_000 for one in comings)
    assert len({one.contact_id for one in day().comings(Chance(1, 1))}) == len(
        list(day().comings(Chance(1, 1)))
    )


def test_busy_days_are_busy_throughout():
    """Counts of days vary more than Poisson's: variance m + m²/shape."""
    counts = [len(list(day(busyness=5.0).comings(Chance(1, number)))) for number in range(300)]
    mean = sum(counts) / len(counts)
    variance = sum((one - mean) ** 2 for one in counts) / (len(counts) - 1)
    assert variance == pytest.approx(240 + 240**2 / 5, rel=0.3)


def test_what_is_recorded_of_a_contact():
    gathering = Gathering({"u1": {"customer_id": "u1"}})
    events = [
        ("arrived", 0, {"contact_id": "k1", "customer_id": "u1", "channel": "voice"}),
        ("arrived", 5_000, {"contact_id": "k2", "channel": "chat"}),
        ("answered", 20_000, {"contact_id": "k1"}), ("ended", 80_000, {"contact_id": "k1"}),
        ("abandoned", 65_000, {"contact_id": "k2"}), ("ended", 9, {"contact_id": "unknown"}),
        ("arrived", 90_000, {"contact_id": "k1", "channel": "chat"}),
    ]  # fmt: skip
    for kind, at, data in events:
        gathering.add(f"tierlane.contact.{kind}.v1", at, data)
    one, two = gathering.comings()
    assert (one.lasted, one.gave_up, one.waited, one.profile) == (
        60_000,
        None,
        20_000,
        {"customer_id": "u1"},
    )
    assert (two.lasted, two.gave_up, two.waited, two.profile) == (None, 60_000, 0, None)


def test_a_source_gives_contacts_with_the_profiles_of_their_customers(tmp_path):
    data = {"contact_id": "k1", "customer_id": "u1", "channel": "voice"}
    head = {"specversion": "1.0", "source": "t", "time": "2026-03-02T08:00:00Z"}
    profile = {"customer_id": "u1", "membership": {"level": "gold"}}
    events = [
        {**head, "id": "e1", "type": "tierlane.contact.arrived.v1", "data": data},
        {**head, "id": "p1", "type": "tierlane.customer.profile.v1", "data": profile},
    ]
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, events)))
    (one,) = recorded_of(opened([path]))
    assert one.profile is not None
    assert one.profile["membership"] == {"level": "gold"}


def test_what_a_desk_of_ours_says_of_its_contacts_counts(tmp_path):
    """There the channel does not tell when a contact was answered: intake hears it of the desk."""
    head = {"specversion": "1.0", "source": "t"}
    told = [
        ("contact.arrived", "08:00:00", {"contact_id": "k1", "channel": "voice"}),
        ("return.answered", "08:00:20", {"contact_id": "k1", "desk": "d", "advisor_id": "a"}),
        ("return.finished", "08:02:20", {"contact_id": "k1", "desk": "d", "advisor_id": "a"}),
    ]
    lines = []
    for number, (kind, at, data) in enumerate(told):
        topic = "contact.events" if kind.startswith("contact") else "intake.returns"
        event = {**head, "id": f"e{number}", "type": f"tierlane.{kind}.v1",
                 "time": f"2026-03-02T{at}Z", "data": data}  # fmt: skip
        record = {"topic": topic, "partition": 0, "offset": number, "timestamp": number,
                  "key": "k1", "value": orjson.dumps(event).decode()}  # fmt: skip
        lines.append(orjson.dumps(record))
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(lines))
    (one,) = recorded_of(opened([tmp_path]))
    assert (one.waited, one.lasted) == (20_000, 120_000)


def test_days_are_drawn_of_the_same_weekday():
    monday = parse_time("2026-03-02T00:00:00Z")
    at = {"first": 0, "second": 7, "tuesday": 1}
    contacts = tuple(
        coming(name, (monday / 1000) + number * 86_400 + 100)
        for name, number in sorted(at.items(), key=lambda one: one[1])
    )
    recorded = Recorded(contacts, resampled=True)
    assert (recorded.begin, recorded.end) == (monday, monday + 8 * 86_400_000)
    drawn = [list(recorded.comings(Chance(1, number))) for number in range(30)]
    for one in drawn:
        assert [(each.arrived - monday) % 86_400_000 for each in one] == [100_000] * 3
        assert one[1].contact_id.startswith("tuesday@")
        assert len({each.contact_id for each in one}) == 3
    assert {one[0].contact_id.split("@")[0] for one in drawn} == {"first", "second"}


def test_nothing_recorded_is_told():
    with pytest.raises(UsageError, match="no arrival"):
        Recorded(())


WORKLOAD = b"""workload: monday
time_zone: Europe/Berlin
first: 2026-03-02
days: 2
busyness: 30
contacts:
  calls:
    rate: {mon: {"08:00-10:00": 252/h, "10:00-18:00": 3/m}, tue: 10/h}
    contact: {channel: voice, attributes: {priority: 2}}
    profile: {customer_id: u1}
"""


def test_a_whole_workload_file():
    found = read_workload(WORKLOAD, "w.yaml")
    (one,) = found.streams
    assert (found.first, found.days, found.busyness, found.zone) == (
        date(2026, 3, 2),
        2,
        30,
        "Europe/Berlin",
    )
    assert one.rates[:2] == (
        Rate(252, 480, 600, frozenset({0})),
        Rate(180, 600, 1080, frozenset({0})),
    )
    assert one.contact == {"channel": "voice", "attributes": {"priority": 2}}
    first = next(iter(found.comings(Chance(1, 1))))
    assert first.contact == {**one.contact, "contact_id": "calls-1"} and first.profile == {
        "customer_id": "u1"
    }


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((b"252/h", b"often"), "a rate such as `240/h`"),
        ((b"channel: voice, ", b""), "needs a `channel`"),
        ((b"first: 2026-03-02", b"first: soon"), "a date such as"),
        ((b"days: 2", b"days: 0"), "must not be below 1"),
        ((b"days: 2", b"days: 400"), "must not exceed 366"),
        ((b"busyness: 30", b"colour: 30"), "no key `colour`"),
    ],
)
def test_faults_of_a_workload_are_told_with_their_place(change, told):
    with pytest.raises(WorkloadError) as error:
        read_workload(WORKLOAD.replace(*change), "w.yaml")
    assert told in str(error.value) and "w.yaml:" in str(error.value)


# ---------------------------------------------------------------------- goals and the search


@pytest.mark.parametrize(
    ("text", "measure", "bound", "at_least", "by"),
    [
        ("service level 80/20", "service_level", 0.8, True, "all"),
        ("abandonment <= 5%", "abandonment", 0.05, False, "all"),
        ("mean wait <= 30s for tier gold", "mean_wait", 30, False, "tier"),
        ("promise kept at least 95% for lane a b", "promise_kept", 0.95, True, "lane"),
        ("wait at 90% <= 2m", "wait_90", 120, False, "all"),
    ],
)
def test_goals_are_read_as_people_say_them(text, measure, bound, at_least, by):
    found = goal(text)
    assert (found.measure, found.bound, found.at_least, found.by) == (measure, bound, at_least, by)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "good service",
        "mean wait <= 5%",
        "abandonment <= x%",
        "mean wait <= 30s for desk d",
        "fun >= 3",
    ],
)
def test_what_is_no_goal_is_refused(text):
    with pytest.raises(UsageError):
        goal(text)


@pytest.mark.parametrize("text", ["service level 80/20", "abandonment <= 3%", "mean wait <= 10s"])
def test_the_number_found_suffices_and_one_less_does_not(text):
    found = Search(scene(1), "g", goal(text), seed=7, replications=3).run()
    tried = {one.advisors: one.met for one in found.tried}
    assert tried[found.advisors] and not tried.get(found.advisors - 1, found.advisors == 1)
    assert all(met == (number >= found.advisors) for number, met in tried.items())


def test_the_search_begins_near_its_end():
    found = Search(scene(1), "g", goal("service level 80/20"), seed=7, replications=3).run()
    assert abs(found.begun_at - found.advisors) <= 2 and len(found.tried) <= 6


def test_a_goal_that_no_staff_reaches_is_told():
    model = replace(MODEL, delay=Exponential(60_000))
    staffing = replace(scene(1).staffing, behaviour=model)
    one = replace(scene(1, demand=day(5)), staffing=staffing)
    with pytest.raises(UsageError, match="is not met by"):
        Search(one, "g", goal("mean wait <= 1s"), seed=1, replications=1).run()


def test_ctrl_c_leaves_the_least_number_seen_to_suffice():
    whole = Search(scene(1), "g", goal("service level 80/20"), seed=7, replications=3).run()
    heard: list[int] = []

    def told(advisors: int) -> None:
        heard.append(advisors)
        if len(heard) == len(whole.tried):
            raise KeyboardInterrupt

    about = (scene(1), "g", goal("service level 80/20"))
    found = Search(*about, seed=7, replications=3, told=told).run()
    assert whole.complete and not found.complete
    assert set(found.tried) < set(whole.tried) and found.answer.met
    assert found.advisors == min(one.advisors for one in found.tried if one.met)
    with pytest.raises(KeyboardInterrupt):
        Search(*about, seed=7, replications=3, told=_stop).run()


def _stop(advisors: int) -> None:
    raise KeyboardInterrupt

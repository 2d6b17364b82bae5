"""The made-up sample: the same for a seed, and like the world in what matters."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import mean

import orjson
import pytest
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.simulation.staffing_file import read_staffing
from tierlane.sample.business import BUSINESSES
from tierlane.sample.chance import weighted, zipf
from tierlane.sample.clock import START, Stamp, arrival_times, hour_of
from tierlane.sample.folder import Sample
from tierlane.sample.opinion import HARD, Ending
from tierlane.sample.pack import pack, staffing
from tierlane.value import parse_time

ARRIVED = "tierlane.contact.arrived.v1"


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample(12_000, 5)


@pytest.fixture(scope="module")
def events(sample: Sample) -> list[dict]:
    return [orjson.loads(line) for line in sample.contact_lines()]


@pytest.fixture(scope="module")
def arrivals(events: list[dict]) -> dict[str, dict]:
    return {e["subject"]: e for e in events if e["type"] == ARRIVED}


def test_same_seed_same_lines_and_another_seed_others() -> None:
    for read in (Sample.contact_lines, Sample.profile_lines, Sample.advisor_lines):
        first, again, other = (list(read(Sample(300, seed))) for seed in (1, 1, 2))
        assert first == again
        assert first != other


def test_exactly_the_contacts_asked_for(arrivals: dict[str, dict]) -> None:
    assert set(arrivals) == {f"k-{n}" for n in range(1, 12_001)}


def test_every_business_and_language_occurs(arrivals: dict[str, dict]) -> None:
    shares = Counter(e["data"]["attributes"]["business"] for e in arrivals.values())
    assert set(shares) == {business.name for business in BUSINESSES}
    assert min(shares.values()) > 200
    assert {e["data"]["language"] for e in arrivals.values()} == {"zh", "en", "ja", "ru"}


def test_events_of_a_contact_follow_its_arrival_and_name_its_key(
    events: list[dict], arrivals: dict[str, dict]
) -> None:
    seen = set()
    kinds = Counter()
    for event in events:
        kind = event["type"].split(".")[2]
        kinds[kind] += 1
        if kind == "arrived":
            seen.add(event["subject"])
            continue
        assert event["subject"] in seen
        assert event["data"]["contact_id"] == event["subject"]
        customer = arrivals[event["subject"]]["data"].get("customer_id")
        assert event.get("partitionkey") == customer
    assert set(kinds) == {"arrived", "updated", "identified", "answered", "abandoned", "ended"}


def test_repeated_deliveries_are_the_same_event(events: list[dict]) -> None:
    counts = Counter((e["source"], e["id"]) for e in events)
    repeated = [key for key, count in counts.items() if count > 1]
    assert 10 < len(repeated) < 100
    texts = {}
    for event in events:
        text = orjson.dumps(event)
        assert texts.setdefault((event["source"], event["id"]), text) == text


def test_some_events_are_late_and_the_others_in_order(arrivals: dict[str, dict]) -> None:
    moments = [datetime.fromisoformat(e["time"]).timestamp() for e in arrivals.values()]
    newest, late = 0.0, 0
    for moment in moments:
        late += moment < newest
        newest = max(newest, moment)
    assert 20 < late < 120


def test_unknown_customers_and_missing_profiles(sample: Sample, arrivals: dict[str, dict]) -> None:
    known = [e["data"]["customer_id"] for e in arrivals.values() if "customer_id" in e["data"]]
    assert 0.10 < 1 - len(known) / len(arrivals) < 0.14
    profiles = {orjson.loads(line)["subject"] for line in sample.profile_lines()}
    assert 0.03 < sum(c not in profiles for c in known) / len(known) < 0.10
    assert profiles >= {c for c in known if c in profiles}


def test_a_customer_keeps_his_language(sample: Sample, arrivals: dict[str, dict]) -> None:
    spoken = {}
    for line in sample.profile_lines():
        data = orjson.loads(line)["data"]
        spoken[data["customer_id"]] = data["languages"][0]
    for event in arrivals.values():
        customer = event["data"].get("customer_id")
        if customer in spoken:
            assert event["data"]["language"] == spoken[customer]


def test_dedicated_advisors_are_in_the_directory(sample: Sample) -> None:
    directory = {orjson.loads(line)["subject"] for line in sample.advisor_lines()}
    profiles = (orjson.loads(line)["data"] for line in sample.profile_lines())
    dedicated = {p["dedicated_advisor"] for p in profiles} - {None}
    assert dedicated
    assert dedicated <= directory


def test_days_are_busy_and_nights_are_not() -> None:
    hours = Counter(map(hour_of, arrival_times(20_000, Random(1).random)))
    assert hours[10] > 8 * hours[3]
    assert sum(hours.values()) == 20_000


def test_arrival_times_ascend_over_as_many_days_as_needed() -> None:
    times = list(arrival_times(30_000, Random(2).random))
    assert times == sorted(times)
    assert times[0] >= START
    assert 86_400_000 < times[-1] - START < 2 * 86_400_000


def test_weighted_draws_by_share() -> None:
    draw = weighted({"a": 3.0, "b": 1.0}, Random(3).random)
    counts = Counter(draw() for _ in range(8_000))
    assert counts["a"] / 8_000 == pytest.approx(0.75, abs=0.02)


def test_zipf_has_few_busy_ranks_and_many_quiet_ones() -> None:
    draw = zipf(1_700, Random(4).random)
    counts = Counter(draw() for _ in range(50_000))
    assert counts[0] / 50_000 == pytest.approx(0.0068, abs=0.002)
    assert set(counts) <= set(range(1_700))
    assert sum(counts[rank] for rank in range(170)) > 0.33 * 50_000


def test_stamp_crosses_midnight() -> None:
    stamp = Stamp()
    assert stamp(START) == "2026-03-02T00:00:00.000+08:00"
    assert stamp(START - 1) == "2026-03-01T23:59:59.999+08:00"
    assert stamp(START + 86_400_000 + 45_296_789) == "2026-03-03T12:34:56.789+08:00"


def test_stamp_squeezes_the_calendar_and_never_what_was_before() -> None:
    stamp = Stamp(START + 86_400_000, squeeze=0.01)
    assert stamp(START) == "2026-03-03T00:00:00.000+08:00"
    assert stamp(START + 100_000) == "2026-03-03T00:00:01.000+08:00"
    assert stamp(START + 100_000, before=3_600_000) == "2026-03-02T23:00:01.000+08:00"


def test_live_contacts_are_the_same_ones_dated_within_a_minute() -> None:
    start = 1_800_000_000_000
    kept = [orjson.loads(line) for line in Sample(400, 2).contact_lines()]
    live = [orjson.loads(line) for line in Sample(400, 2, live_from=start).contact_lines()]
    assert [e["id"] for e in live] == [e["id"] for e in kept]
    times = [datetime.fromisoformat(e["time"]).timestamp() * 1000 - start for e in live]
    assert min(times) > -1_000
    assert max(times) < 62_000
    for before, after in zip(kept, live, strict=True):
        assert before["data"].keys() == after["data"].keys()
        assert before["data"].get("subject") == after["data"].get("subject")
    parcels = [
        (e["time"], e["data"]["attributes"]["delivered_at"])
        for e in live
        if "delivered_at" in e["data"].get("attributes", {})
    ]
    ages = [
        (datetime.fromisoformat(a) - datetime.fromisoformat(b)).total_seconds() / 86_400
        for a, b in parcels
    ]
    assert min(ages) >= 0
    assert 10 < max(ages) < 21


def test_feedback_follows_its_contacts_and_hangs_on_how_they_were_served() -> None:
    ended: dict[str, Ending] = {}
    sample = Sample(12_000, 5)
    lines = list(sample.contact_lines(lambda one: ended.update({f"k-{one.number}": one})))
    assert lines == list(sample.contact_lines()), "who listens changes nothing"
    told = [orjson.loads(line) for line in sample.feedback_lines()]
    times = [parse_time(one["time"]) for one in told]
    assert times == sorted(times)
    assert 0.3 < len(told) / len(ended) < 0.4
    for one, at in zip(told, times, strict=True):
        assert 600_000 <= at - ended[one["data"]["contact_id"]].ended <= 172_800_000
    marks = [(one["data"]["score"], ended[one["data"]["contact_id"]]) for one in told]
    waits = [(mark, end.answered - end.arrived) for mark, end in marks]
    quick = [mark for mark, wait in waits if wait < 40_000]
    slow = [mark for mark, wait in waits if wait > 80_000]
    assert mean(quick) - mean(slow) > 0.4
    hard = [mark for mark, end in marks if end.subject in HARD]
    assert mean(quick) - mean(hard) > 0.4
    unsettled = [one for one in told if not ended[one["data"]["contact_id"]].settled]
    assert mean(one["data"]["resolved"] for one in unsettled) < 0.4


def test_live_feedback_comes_within_the_minute_of_its_contacts() -> None:
    start = 1_800_000_000_000
    told = [orjson.loads(line) for line in Sample(400, 2, live_from=start).feedback_lines()]
    assert told
    assert max(parse_time(one["time"]) for one in told) <= start + 62_000


def test_command_writes_its_files(tmp_path: Path) -> None:
    out = tmp_path / "try"
    done = CliRunner().invoke(tierlane, ["sample", "--out", str(out), "--contacts", "50"])
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert {path.name for path in out.iterdir()} == {
        "contacts.jsonl",
        "feedback.jsonl",
        "profiles.jsonl",
        "advisors.jsonl",
        "policy.yaml",
        "staffing.yaml",
    }
    lines = (out / "contacts.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines == list(Sample(50, 1).contact_lines())
    assert (out / "policy.yaml").read_text(encoding="utf-8") == pack("sample")


def test_command_spares_a_changed_policy(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("mine", encoding="utf-8")
    call = ["sample", "--out", str(tmp_path), "--contacts", "5"]
    done = CliRunner().invoke(tierlane, call)
    assert done.exit_code == 2
    assert "was changed and would be lost" in done.stderr
    assert (tmp_path / "policy.yaml").read_text(encoding="utf-8") == "mine"
    assert CliRunner().invoke(tierlane, [*call, "--force"]).exit_code == 0
    assert (tmp_path / "policy.yaml").read_text(encoding="utf-8") == pack("sample")


def test_the_staff_are_the_advisors_of_the_directory(tmp_path: Path) -> None:
    """So that whoever has an advisor of their own meets them in a simulation."""
    listed = {orjson.loads(line)["data"]["advisor_id"] for line in Sample(50, 1).advisor_lines()}
    found = read_staffing(staffing().encode(), "staffing.yaml")
    assert {name for one in found.groups for name in one.names} == listed
    revision = compile_policy(pack("sample").encode(), "policy.yaml")
    served = {one.lane.name for group in found.groups for one in group.advisor.duty}
    assert served == {one.name for one in revision.lanes}


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_command_refuses_other_counts(tmp_path: Path, value: str) -> None:
    call = ["sample", "--out", str(tmp_path), "--contacts", value]
    assert CliRunner().invoke(tierlane, call).exit_code == 2

"""`tierlane replay fit`, and `simulate` with what it wrote, as they are typed."""

import signal
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tierlane.cli import INTERRUPTED, tierlane
from tierlane.replay.source.order import cut

POLICY = """\
tierlane: 1
policy: shop
fields: {contact.channel: [voice], contact.subject: [order, return]}
tiers: {order: [standard], default: standard}
desks: {shop: {managed: true}}
lanes: {people: {kind: standard, desk: shop}}
plans: [{plan: all, steps: [{lane: people}]}]
finally: {until: 24h, close: sorry}
fallback: people
"""
STAFFING = """\
staffing: shop
advisors: {general: {count: 3}}
"""


def event(kind: str, number: int, second: float, **data: object) -> dict[str, object]:
    minute, rest = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return {
        "specversion": "1.0", "id": f"e-{number}-{kind}", "source": "test",
        "type": f"tierlane.contact.{kind}.v1",
        "time": f"2026-03-02T{8 + int(hour):02}:{int(minute):02}:{rest:06.3f}Z",
        "data": {"contact_id": f"k-{number}", **data},
    }  # fmt: skip


def course(number: int) -> list[dict[str, object]]:
    """One of five gives up after a minute; the others wait 10 s and are served for two to five."""
    at, subject = number * 30, "order" if number % 2 else "return"
    arrived = event("arrived", number, at, channel="voice", subject=subject)
    if number % 5 == 0:
        return [arrived, event("abandoned", number, at + 50 + number / 10)]
    end = at + 130 + 180 * (number % 7) / 6
    return [arrived, event("answered", number, at + 10), event("ended", number, end)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    events = sorted((one for n in range(200) for one in course(n)), key=lambda one: one["time"])
    (tmp_path / "events.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in events))
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "staff.yaml").write_text(STAFFING, encoding="utf-8")
    return tmp_path


def replay(*words: object) -> Result:
    return CliRunner().invoke(tierlane, ["replay", *map(str, words)])


def test_what_is_fitted_can_be_simulated(folder):
    events, out = folder / "events.jsonl", folder / "fitted"
    done = replay("fit", events, "--by", "subject", "--out", out)
    assert done.exit_code == 0, done.output
    assert "Patience" in done.stdout and "subject order" in done.stdout
    model = orjson.loads((out / "fit.json").read_bytes())
    assert [one["ended"] for one in model["patience"]] == [40]  # too few by subject
    assert [one["of"] for one in model["service"]] == [
        {"subject": "order"}, {"subject": "return"}, {},
    ]  # fmt: skip
    assert model["service"][-1]["ended"] == 160

    words = ("simulate", "--policy", folder / "policy.yaml", "--staffing", folder / "staff.yaml")
    times = ("--replications", 2, "--cores", 1, "--format", "json")
    done = replay(*words, *times, "--fit", out / "fit.json", out / "workload.yaml")
    assert done.exit_code == 0, done.output
    # The workload alone tells no service: without the fit there is nothing to go by.
    done = replay(*words, *times, out / "workload.yaml")
    assert "no row tells how long a contact takes" in done.stderr


def test_simulate_says_by_which_way_it_played_and_gives_the_same(folder):
    policy, staff, record = (
        folder / name for name in ("policy.yaml", "staff.yaml", "events.jsonl")
    )  # fmt: skip
    staff.write_text(staff.read_text() + "service: [{exponential: 2m}]\n")
    times = ("--replications", 2, "--cores", 1, "--format", "json")

    def simulate(*more: object) -> Result:
        return replay("simulate", "--policy", policy, "--staffing", staff, *times, *more, record)

    plain, exact = simulate(), simulate("--exact")
    assert "played as plain lines" in plain.stderr and plain.exit_code == 0
    assert "played by the real desks, as asked" in exact.stderr
    assert plain.stdout_bytes == exact.stdout_bytes
    staff.write_text(staff.read_text() + "offers: {declines: 10%}\n")
    assert "by the real desks, which takes longer: advisors take time" in simulate().stderr


def test_the_same_record_gives_the_same_bytes(folder):
    one, other = (replay("fit", folder / "events.jsonl", "--format", "json") for _ in range(2))
    assert one.stdout_bytes == other.stdout_bytes


def test_a_tier_is_told_by_the_policy(folder):
    words = ("fit", folder / "events.jsonl", "--by", "tier")
    assert "needs a `--policy`" in replay(*words).stderr
    done = replay(*words, "--policy", folder / "policy.yaml", "--format", "json")
    assert orjson.loads(done.stdout)["patience"][0]["of"] == {"tier": "standard"}


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--by", "colour"), "`--by colour` is no field of a contact"),
        (("--time-zone", "Mars/Olympus"), "`Mars/Olympus` is no time zone"),
    ],
)
def test_wrong_use_exits_two(folder, words, fault):
    done = replay("fit", folder / "events.jsonl", *words)
    assert (done.exit_code, fault in done.stderr) == (2, True)


def test_ctrl_c_fits_what_was_read_by_then(folder, monkeypatch):
    monkeypatch.setattr("tierlane.replay.heeding.EVERY", 10)
    monkeypatch.setattr("tierlane.replay.source.opening.cut", partial(cut, size=10))
    monkeypatch.setattr(
        "tierlane.cli.replay.progress.counted",
        lambda *_: nullcontext(lambda n: n == 300 and signal.raise_signal(signal.SIGINT)),
    )
    done = replay("fit", folder / "events.jsonl", "--format", "json", "--out", folder / "f")
    assert done.exit_code == INTERRUPTED, done.output
    told = orjson.loads(done.stdout)
    assert not told["complete"] and "contacts were read by then, and count" in done.stderr
    assert 50 < told["patience"][0]["ended"] + told["patience"][0]["censored"] < 150
    assert orjson.loads((folder / "f" / "fit.json").read_bytes()) == told

"""A policy whose desk tierlane is to manage: decided and told of, and taken by a worker."""

from pathlib import Path

from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.stream.kinds import read_policy

AIRLINE = Path("tests/policy/complete/airline.yaml")
SHOP = Path("tests/policy/complete/shop.yaml")
GOLD = (
    '{"contact": {"contact_id": "k1", "channel": "chat", "subject": "order", "identity": 1}, '
    '"profile": {"membership": {"level": "gold"}}, "now": "2026-03-13T10:00:00+08:00"}'
)


def test_a_worker_takes_it():
    revision = read_policy(AIRLINE)
    assert any(one.managed for one in revision.lines)


def test_decide_tells_why_steps_were_passed_over():
    arguments = ["decide", "--policy", str(SHOP), "--explain"]
    english = CliRunner().invoke(tierlane, [*arguments, "en"], input=GOLD).stdout
    assert "Step 1, lane `keeper`, was passed over: what it asks of an advisor" in english
    assert (
        "Step 2, lane `people`, was passed over: it is skipped while `lane.free == 0`."
    ) in english
    chinese = CliRunner().invoke(tierlane, [*arguments, "zh"], input=GOLD).stdout
    assert "第 2 步的通道「people」被跳过：「lane.free == 0」时跳过。" in chinese

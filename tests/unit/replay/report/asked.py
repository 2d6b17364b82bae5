"""A small service with a record of two hours, and the report of it as a command makes it."""

from pathlib import Path
from random import Random

import orjson
from click.testing import CliRunner

from tierlane.cli import tierlane
from tierlane.value import format_time

POLICY = """tierlane: 1
policy: clinic
fields: {contact.subject: [question, results]}
tiers:
  order: [standard, gold]
  default: standard
  highest_of:
    - {set: card, table: {on: [profile.membership.level], rows: [[gold, gold]]}}
scenarios: {default: question, rules: [{rule: results, when: contact.subject == 'results', then: results}]}
promises: {default: {answer: 5m}}
desks: {front: {order: [waited]}}
lanes:
  telephone: {kind: standard, desk: front}
  express: {kind: priority, desk: front}
plans:
  - {plan: results, when: scenario == 'results', steps: [{lane: express}]}
  - {plan: all, steps: [{lane: telephone}]}
finally: {until: 4h, close: sorry}
fallback: telephone
"""
STAFFING = """staffing: morning
advisors:
  nurses: {count: 4}
"""
BEGIN = 1_772_438_400_000
"""2026-03-02T08:00:00Z."""


def write(folder: Path, contacts: int = 240, seed: int = 1) -> Path:
    """Write policy, staffing, and a record in which half of the contacts tell how they ended."""
    draw = Random(seed)
    lines, at = [], BEGIN
    for number in range(contacts):
        at += int(draw.expovariate(1 / 30_000))
        name = f"k{number}"
        data = {
            "contact_id": name, "customer_id": f"u{draw.randrange(40)}", "channel": "voice",
            "subject": "results" if draw.random() < 0.2 else "question",
        }  # fmt: skip
        lines.append(_event("arrived", name, at, data))
        if draw.random() < 0.5:
            answered = at + int(draw.expovariate(1 / 40_000))
            ended = answered + int(draw.expovariate(1 / 110_000))
            lines += [_event("answered", name, answered), _event("ended", name, ended)]
        elif draw.random() < 0.4:
            lines.append(_event("abandoned", name, at + int(draw.expovariate(1 / 200_000))))
    lines.sort(key=lambda line: orjson.loads(line)["time"])
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "record"
    record.mkdir(exist_ok=True)
    (record / "contacts.jsonl").write_bytes(b"".join(lines))
    profiles = [
        orjson.dumps({
            "specversion": "1.0", "id": f"p{number}", "source": "crm",
            "type": "tierlane.customer.profile.v1", "time": format_time(BEGIN), "subject": f"u{number}",
            "data": {"customer_id": f"u{number}", "membership": {"level": "gold"}},
        })
        + b"\n"
        for number in range(0, 40, 4)
    ]  # fmt: skip
    (record / "profiles.jsonl").write_bytes(b"".join(profiles))
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "staffing.yaml").write_text(STAFFING, encoding="utf-8")
    return folder


def _event(kind: str, name: str, at: int, data: dict[str, str] | None = None) -> bytes:
    event = {
        "specversion": "1.0", "id": f"{kind}-{name}", "source": "test",
        "type": f"tierlane.contact.{kind}.v1", "time": format_time(at), "subject": name,
        "data": data or {"contact_id": name},
    }  # fmt: skip
    return orjson.dumps(event) + b"\n"


def report(folder: Path, *arguments: str, source: str = "record"):
    """Type the command in a folder and return what came of it."""
    call = ["replay", "report", "--out", str(folder / "report.html"), *arguments]
    if source:
        call.append(str(folder / source))
    return CliRunner().invoke(tierlane, call)


def asked(folder: Path, *arguments: str):
    """Type it with the folder's policy and staffing, three replications, on one core."""
    return report(
        folder, "--policy", str(folder / "policy.yaml"), "--staffing", str(folder / "staffing.yaml"),
        "--replications", "3", "--cores", "1", "--numbers", str(folder / "numbers"), *arguments,
    )  # fmt: skip

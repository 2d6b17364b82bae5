"""The reference pages written by hand name what the code has, and their examples can be read."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.docs.snippet import blocks
from tierlane import topic
from tierlane.advisor import ADVISOR_EVENTS
from tierlane.contact.event import CONTACT_EVENTS
from tierlane.contact.reading import Reader
from tierlane.operator import ORDERS
from tierlane.profile import read_profile

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tierlane"
REFERENCE = ROOT / "docs" / "reference"
READERS: dict[str, Callable[[bytes], Any]] = {
    topic.CONTACT_EVENTS: lambda value: Reader(CONTACT_EVENTS).check(json.loads(value)).left_out,
    topic.ADVISOR_EVENTS: lambda value: (
        Reader({**ADVISOR_EVENTS, **ORDERS}).check(json.loads(value)).left_out
    ),
    topic.CUSTOMER_PROFILES: lambda value: read_profile(value)[1],
}


@cache
def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def literals(*folders: str, function: str) -> Iterator[str]:
    """Yield every literal first argument of a function, in files below these folders."""
    files = [path for folder in folders for path in sorted(SOURCE.glob(folder))]
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]) if (
                    name == function
                ):
                    yield text


@pytest.mark.parametrize(
    "reason",
    sorted(
        set(
            literals(
                "contact/*.py", "routing/*.py", "profile.py", "advisor.py", function="Unreadable"
            )
        )
    ),
)
def test_each_reason_of_rejected_is_told(reason: str) -> None:
    assert re.search(rf"^\| .*`{reason}`.* \| ", page("records.md"), flags=re.MULTILINE)


@pytest.mark.parametrize(
    "code",
    sorted(set(literals("routing/*.py", "policy/*.py", "decision.py", function="Fault"))),
)
def test_each_error_of_a_decision_is_told(code: str) -> None:
    assert f"| `{code}` |" in page("errors.md")


@pytest.mark.parametrize("kind", sorted({**CONTACT_EVENTS, **ADVISOR_EVENTS, **ORDERS}))
def test_each_type_of_event_from_outside_is_told(kind: str) -> None:
    assert f"| `{kind}` |" in page("records.md")


def test_each_field_of_signing_on_is_told() -> None:
    from tierlane.advisor import ChannelUse, Served, SignedOn

    part = page("records.md").partition("## advisor.events")[2].partition("## lane.*")[0]
    for model in (SignedOn, Served, ChannelUse):
        for name in model.__annotations__:
            assert f"`{name}`" in part


@pytest.mark.parametrize(
    "block",
    [block for block in blocks(page("records.md")) if block.mark.startswith("record: ")],
    ids=lambda block: block.mark,
)
def test_example_record_can_be_read_whole(block: Any) -> None:
    read = READERS[block.mark.removeprefix("record: ")]
    assert not read(block.body.encode())


def test_bounds_on_the_page_of_state_are_those_in_force() -> None:
    from tierlane.routing.limit import DAY, IntakeLimits

    limits = IntakeLimits()
    text = (ROOT / "docs" / "concepts" / "state.md").read_text(encoding="utf-8")
    assert f"| contacts kept for a key | {limits.contacts} |" in text
    assert f"| events remembered for a key | {limits.dedupe_events} |" in text
    assert f"| marks of one count for a key | {limits.marks} |" in text
    assert f"| an open contact without any news | {limits.lapse // DAY} days |" in text
    assert f"| a contact that is over | {limits.over // DAY} days |" in text
    assert f"| a customer who does not come back | {limits.memory // DAY} days |" in text


def audit_fields() -> set[str]:
    """Return the fields of the audit records of a decision that has nearly all of them."""
    from tierlane.audit.mask import Mask
    from tierlane.audit.record import decided
    from tierlane.policy.compiling.compile import compile_policy

    (policy,) = (block for block in blocks(page("policy.md")) if block.file)
    revision = compile_policy(policy.body, "policy.md")
    contact = {"contact_id": "k", "customer_id": "u", "channel": "chat", "subject": "quality"}
    profile = {"membership": {"level": "gold"}, "dedicated_advisor": "a-1"}
    found: set[str] = set()
    for one in (contact, contact | {"subject": "order", "text": "third time", "identity": 2}):
        record = decided(
            revision.decide(one, profile, None, 1_772_453_645_120),
            decision_id="d1.e0.0.d0",
            owner="intake-0",
            seq=1,
            contact_id="k",
            at=0,
            seen=0,
            cause={"topic": "contact.events", "partition": 0, "offset": 0},
            mask=Mask(b"sixteen bytes ok"),
            again=True,
        )
        found |= set(json.loads(record)["data"])
    return found


def test_each_field_of_an_audit_record_is_told() -> None:
    fields = audit_fields()
    assert {"inputs", "considered", "because", "draws", "masked", "errors"} <= fields
    audit = page("records.md").partition("## routing.audit")[2].partition("## contact.rejected")[0]
    told = set(re.findall(r"`(\w+)`", audit))
    assert not fields - told


def watch() -> str:
    return (ROOT / "docs" / "how-to" / "watch.md").read_text(encoding="utf-8")


def metrics() -> set[str]:
    from tierlane.stream.metric import Metrics

    page = Metrics().page().decode()
    return set(re.findall(r"^# HELP (tierlane_\w+)", page, flags=re.MULTILINE))


def test_figures_to_watch_are_figures_of_a_worker() -> None:
    named = set(re.findall(r"^\| `(tierlane_\w+)` \|", watch(), flags=re.MULTILINE))
    assert len(named) > 5
    assert named <= metrics()


def test_reasons_of_readyz_are_those_of_a_worker() -> None:
    source = (SOURCE / "stream" / "worker.py").read_text(encoding="utf-8")
    body = source[source.index("def _troubles") :].partition("\ndef ")[0]
    given = re.findall(r'append\(f?"([^"]+)"', body)
    given += re.findall(r'^ +f"([^"]+)" for', body, re.MULTILINE)
    table = watch().partition("## Reasons of")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)
    assert len(given) == len(told)
    for reason in given:
        pattern = r"\S+".join(map(re.escape, re.split(r"\{[^}]+\}", reason)))
        assert any(re.fullmatch(pattern, one) for one in told), reason


def modules_named() -> set[str]:
    """Return every dotted name below `tierlane` that a page gives in code type."""
    found: set[str] = set()
    for path in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md"]:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"`(tierlane(?:\.\w+)+)`", text))
    others = {name for name in found if name.endswith((".v1", ".state", ".toml"))}
    return found - others


@pytest.mark.parametrize("name", sorted(modules_named()))
def test_module_or_class_on_a_page_is_there(name: str) -> None:
    try:
        import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute)

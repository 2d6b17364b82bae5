"""The JSON Schema for editors: it allows what the readers take, and refuses mistyped keys."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tests.docs import policy_schema
from tests.property.test_loader import NORTH, SOUND, changed, changes
from tierlane.cli import tierlane
from tierlane.policy.check.document import check
from tierlane.policy.reading.canonical import _written
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.source import plain, read

SCHEMA = json.loads(policy_schema.PACKAGED.read_text())
VALID = Draft202012Validator(SCHEMA)
SHIPPED = policy_schema.sound()


def as_json(document):
    """Return a document as an editor's schema sees it: keys are text."""
    return json.loads(json.dumps(document))


def test_the_schema_is_what_the_readers_say():
    for path in policy_schema.FILES:
        assert path.read_text() == policy_schema.page(), "run `make pages`"


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert CliRunner().invoke(tierlane, ["policy", "schema"]).stdout == policy_schema.page()


def test_every_policy_that_comes_along_is_valid():
    assert len(SHIPPED) > 20
    for document in SHIPPED:
        assert [error.message for error in VALID.iter_errors(as_json(document))] == []


def typo(document, way: tuple, key: str):
    """Return a document in which a key is mistyped."""
    inner = policy_schema.got(document, way)
    renamed = {f"{one}x" if one == key else one: value for one, value in inner.items()}
    return policy_schema.put(document, way, renamed)


TYPOS = {
    "a section": ((), "scenarios"),
    "a key of scenarios": (("scenarios",), "rules"),
    "a key of a rule": (("scenarios", "rules", 0), "when"),
    "a key of a fact": (("facts", 0), "default"),
    "a key of a table": (("facts", 2, "table"), "rows"),
    "a key of tiers": (("tiers",), "highest_of"),
    "a key of a set": (("tiers", "highest_of", 0), "margin"),
    "a promise": (("promises", "default"), "answer"),
    "what a floor asks": (("floors", 1, "then"), "never"),
    "what compliance asks": (("compliance", 0, "then"), "retain"),
    "a priority": (("priorities", "rules", 0, "then"), "credit"),
    "a key of a lane": (("lanes", "bot"), "kind"),
    "a key of a desk": (("desks", "shop"), "managed"),
    "a key of a plan": (("plans", 0), "steps"),
    "a key of a step": (("plans", 0, "steps", 0), "who"),
    "a key of the end": (("finally",), "close"),
    "a key of a case": (("cases", 0), "contact"),
}


@pytest.mark.parametrize("what", TYPOS)
def test_a_mistyped_key_is_refused(what):
    shop = SOUND[-2]
    way, key = TYPOS[what]
    assert VALID.is_valid(as_json(shop))
    assert key in policy_schema.got(shop, way)
    assert not VALID.is_valid(as_json(typo(shop, way, key)))


@pytest.mark.parametrize(
    "text",
    [
        "masking: {contact.text: hide}", "lanes: {a: {kind: robot, desk: b}}", "drop: plans/all",
        "tiers: {order: gold}", "fields: {contact.attributes.a: word}", "base_cases: perhaps",
        "plans: [{plan: a, steps: [5]}]", "policy: [p]", "tierlane: one",
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(text):
    head = {"tierlane": 1, "policy": "p", "extends": "b"}
    assert VALID.is_valid(head)
    assert not VALID.is_valid({**head, **as_json(plain(read(text, "p")))})


def find(asked: str, beside: str) -> Base:
    return Base(_written(SOUND[-2]), "base.yaml")


@given(changes)
@settings(max_examples=150, deadline=None)
def test_what_the_check_takes_the_schema_allows(listed):
    for sound in (SOUND[0], SOUND[-2], NORTH):
        text = changed(sound, listed)
        if any(one.severity == "error" for one in check(text, "p.yaml", find)):
            continue
        document = as_json(plain(read(text, "p.yaml")))
        assert [(list(e.path), e.message[:80]) for e in VALID.iter_errors(document)] == []

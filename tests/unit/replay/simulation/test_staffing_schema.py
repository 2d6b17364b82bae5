"""The JSON Schema of staffing files: it allows what the reader takes, and refuses mistyped keys."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.docs import policy_schema
from tests.docs.policy_schema import PROBES, STAFFING, STAFFING_FILES, TIMES, got, put, staffings
from tierlane.cli import tierlane
from tierlane.policy.reading.canonical import _written
from tierlane.replay.simulation.staffing_file import KINDS, StaffingError, read_staffing

SCHEMA = json.loads(STAFFING_FILES[0].read_text())
VALID = Draft202012Validator(SCHEMA)
DOCUMENTS = staffings()
WHOLE = DOCUMENTS[-1]
"""That of the reference, with every key."""


def as_json(document):
    """Return a document as an editor's schema sees it: keys are text."""
    return json.loads(json.dumps(document))


def ways(document, way=()):
    """Yield the way to every value."""
    if way:
        yield way
    if isinstance(document, dict | list):
        parts = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in parts:
            yield from ways(value, (*way, key))


def test_the_schema_is_what_the_reader_says():
    for path in STAFFING_FILES:
        assert path.read_text() == policy_schema.page(STAFFING), "run `make pages`"
    Draft202012Validator.check_schema(SCHEMA)
    assert (
        CliRunner().invoke(tierlane, ["replay", "schema"]).stdout == STAFFING_FILES[0].read_text()
    )


def test_every_distribution_is_among_what_is_tried():
    assert {one[1:].partition(":")[0] for one in TIMES} == set(KINDS)
    for where in (("service",), ("patience",)):
        row = SCHEMA["properties"][where[0]]["items"]["properties"]
        assert {*KINDS, "recorded"} <= row.keys()
        assert all(row[one] for one in (*KINDS, "recorded")), "of each it is known what it takes"


def test_every_staffing_on_the_pages_is_valid():
    assert len(DOCUMENTS) > 10
    for document in DOCUMENTS:
        assert [error.message for error in VALID.iter_errors(as_json(document))] == []


@pytest.mark.parametrize(
    ("way", "key"),
    [
        ((), "service"), (("advisors", "general"), "count"), (("advisors", "general"), "pace"),
        (("service", 0), "lane"), (("service", 0), "lognormal"),
        (("service", 0, "lognormal"), "sigma"), (("offers",), "declines"),
        (("offers", "delay"), "exponential"),
    ],
)  # fmt: skip
def test_a_mistyped_key_is_refused(way, key):
    inner = got(WHOLE, way)
    assert key in inner
    renamed = {f"{one}x" if one == key else one: value for one, value in inner.items()}
    assert not VALID.is_valid(as_json(put(WHOLE, way, renamed)))


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("advisors",), []), (("advisors", "general", "count"), "many"),
        (("advisors", "general", "skills"), ["claims"]), (("advisors", "general", "pace"), "1.1"),
        (("service",), {"exponential": "1m"}), (("offers", "declines"), 5),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused(way, value):
    assert not VALID.is_valid(as_json(put(WHOLE, way, value)))


@given(st.sampled_from(DOCUMENTS), st.data())
@settings(max_examples=200, deadline=None)
def test_what_the_reader_takes_the_schema_allows(document, data):
    for _ in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(sorted(ways(document), key=str)))
        document = put(document, way, data.draw(st.sampled_from(PROBES)))
    try:
        read_staffing(_written(document), "s.yaml")
    except StaffingError:
        return
    assert [(list(e.path), e.message[:80]) for e in VALID.iter_errors(as_json(document))] == []

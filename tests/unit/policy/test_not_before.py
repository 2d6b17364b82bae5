"""`not_before` of a desk: a moment of the contact, before which it is not offered."""

import pytest

from tests.policy.writing import policy
from tierlane.policy.check.document import check
from tierlane.policy.compiling.compile import compile_policy

FIELDS = "fields: {contact.attributes.ring_at: time, contact.attributes.size: number}\n"
LANES = "desks: {d: {not_before: FIELD}}\nlanes: {people: {kind: standard, desk: d}}\n"
PLANS = "plans: [{plan: all, steps: [{lane: people}]}]\n"


def written(field: str, more: str = "") -> str:
    lanes = LANES.replace("FIELD}", f"{field}{more}}}")
    return policy(fields=FIELDS, lanes=lanes, plans=PLANS)


@pytest.mark.parametrize(
    ("field", "more", "codes"),
    [
        ("contact.attributes.ring_at", "", set()),
        ("contact.arrived_at", "", set()),
        ("contact.attributes.size", "", {"wrong_type"}),
        ("contact.attributes.rin_at", "", {"unknown_field"}),
        ("contact.attributes.ring_at", ", managed: false", {"plan_needs_managed_desk"}),
    ],
)
def test_it_is_a_time_at_a_desk_that_waits(field, more, codes):
    found = check(written(field, more), "p.yaml")
    assert {one.code for one in found if one.severity == "error"} == codes


@pytest.mark.parametrize(
    ("attributes", "moment"),
    [
        ({"ring_at": "2026-03-02T09:05:00.250Z"}, 1_772_442_300_250),
        ({}, 0),
        ({"ring_at": "soon"}, 0),
    ],
)
def test_the_itinerary_has_the_moment_of_each_contact(attributes, moment):
    """Two contacts alike but for the moment are not taken for one."""
    revision = compile_policy(written("contact.attributes.ring_at"), "p.yaml")
    for given, due in (
        ({"ring_at": "2026-01-01T00:00:00Z"}, 1_767_225_600_000),
        (attributes, moment),
    ):
        contact = {"contact_id": "k", "channel": "chat", "attributes": given}
        one = revision.itinerary(contact, None, None, 0, arrived=0)
        assert [leg.not_before for leg in (*one.legs[0][1], one.last)] == [due] * 2

"""Classes of values: as coarse as the conditions allow, and no coarser."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.policy.writing import REST, compiled
from tierlane.policy.condition import slot as slots
from tierlane.policy.deciding.layout import LocalTime

NOW = 1_772_800_000_000
FIELDS = (
    "fields: {contact.attributes.n: number, contact.subject: [order, claim, praise, question]}\n"
)


def classes(condition, name, values):
    """Return the class of each value under a policy with one condition."""
    revision = compiled(f'floors: [{{rule: r, when: "{condition}", then: {{}}}}]\n', fields=FIELDS)
    found = []
    for value in values:
        contact = {"contact_id": "k", "channel": "chat"}
        if name == "subject":
            contact["subject"] = value
        else:
            contact["attributes"] = {name: value}
        known = set(revision.memo)
        revision.decide(contact, None, None, NOW)
        found.append(next(iter(set(revision.memo) - known), None))
    return found


@pytest.mark.parametrize(
    ("condition", "edges"),
    [
        ("contact.attributes.n >= 5", [True, False, True, False]),
        ("contact.attributes.n < 5", [True, False, True, False]),
        ("5 <= contact.attributes.n", [True, False, True, False]),
        ("contact.attributes.n > 5", [True, False, False, True]),
        ("5 >= contact.attributes.n", [True, False, False, True]),
        ("contact.attributes.n == 5", [True, False, True, True]),
        ("contact.attributes.n in [5]", [True, False, True, True]),
        ("contact.attributes.n >= 5 || contact.attributes.n > 5", [True, False, True, True]),
    ],
)
def test_numbers_are_of_one_class_when_no_sign_tells_them_apart(condition, edges):
    made = classes(condition, "n", [4, 4.9, 5, 5.1])
    assert [one is not None for one in made] == edges


def test_words_that_nothing_asks_for_are_one_class():
    made = classes(
        "contact.subject == 'order'", "subject", ["order", "claim", "praise", "question"]
    )
    assert [one is not None for one in made] == [True, True, False, False]


def test_a_word_outside_the_closed_set_is_still_told():
    revision = compiled(
        "floors: [{rule: r, when: contact.subject == 'order', then: {}}]\n", fields=FIELDS
    )
    for subject, codes in (("claim", []), ("nonsense", ["unknown_value"])):
        contact = {"contact_id": "k", "channel": "chat", "subject": subject}
        faults = revision.decide(contact, None, None, NOW).errors
        assert [one.code for one in faults if one.place == "contact.subject"] == codes


def test_numbers_outside_a_closed_set_are_told_apart_by_their_order():
    fields = REST["fields"] + "  contact.attributes.stars: [1, 2, 5]\n"
    rule = "{rule: r, when: contact.attributes.stars >= 3, then: b}"
    revision = compiled(f"scenarios: {{default: a, rules: [{rule}]}}\n", fields=fields)
    for stars, scenario in ((0, "a"), (100, "b"), (4, "b"), (0, "a")):
        contact = {"contact_id": "k", "channel": "chat", "attributes": {"stars": stars}}
        outcome = revision.decide(contact, None, None, 0).outcome
        assert outcome.scenario == scenario
        assert [one.place for one in outcome.errors if one.code == "unknown_value"] == [
            "contact.attributes.stars"
        ]


GROUPS = """facts:
  - fact: subject
    default: none
    rules: [{rule: r, when: contact.subject == 'order', then: order}]
  - fact: group
    default: none
    rules:
      - {rule: company, when: "'company' in profile.segments", then: company}
      - {rule: family, when: "'family' in profile.segments", then: family}
"""


def group(revision: Any, segments: Any, subject: Any = "order") -> object:
    contact = {"contact_id": "k", "channel": "chat", "subject": subject}
    outcome = revision.decide(contact, {"segments": segments}, None, NOW).outcome
    return dict(outcome.facts)["group"]


def test_a_list_has_its_class_whichever_way_it_is_read():
    revision = compiled(GROUPS)
    # Neither is text; the list is no key of a hash, so that all fields are read one by one.
    for wrong, asked in ((5, ("company", "family")), (["x"], ("family", "company"))):
        assert [group(revision, [one], wrong) for one in asked] == list(asked)


def test_the_order_of_a_list_and_what_nothing_asks_for_make_no_class():
    revision = compiled(GROUPS)
    lists = (
        ["company", "family"],
        ["family", "company"],
        ["x", "family", "y", "company", "family"],
    )
    assert [group(revision, one) for one in lists] == ["company"] * 3
    assert len(revision.memo) == 1
    for wrong in ([5], [True], ["company", None], ["company", {}], [["company"]]):
        assert group(revision, wrong) == "none"
        assert group(revision.without_memo(), wrong) == "none"


def test_of_lists_only_short_ones_are_kept_and_not_many(monkeypatch):
    monkeypatch.setattr(slots, "MOST_LISTS", 3)
    one = slots.Slot(0, "profile.segments", "list", members={"company", "family"})
    kept = one.lists_numbered()
    assert [kept["family", str(number)] for number in range(10)] == [5] * 10
    assert len(kept) <= 3
    before = dict(kept)
    assert kept["company", "x" * slots.SHORT] == 3
    assert kept[("company",) * slots.SHORT] == 3
    assert kept == before


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Africa/Monrovia"]
)
def test_the_year_is_the_zones_on_both_sides_of_new_year(zone):
    local, known = LocalTime(zone), ZoneInfo(zone)
    for year in (1905, 1971, 1972, 1973, 2026, 2027):
        first = round(datetime(year, 1, 1, tzinfo=known).timestamp() * 1000)
        at_utc = round(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
        for ms in (first - 1, first, first + 1, first - 899_999, first + 899_999, at_utc):
            expected = datetime.fromtimestamp(ms / 1000, known).year
            assert (ms, local.year(ms)) == (ms, expected)
            assert local.year(ms) == expected  # as remembered

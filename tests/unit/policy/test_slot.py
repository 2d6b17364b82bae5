"""Classes of values: as coarse as the conditions allow, and no coarser."""

import pytest

from tests.policy.writing import REST, compiled

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

"""The records of `policy.revisions`: how a change follows on what held before."""

import orjson
import pytest

from tierlane.errors import Unreadable
from tierlane.policy.publish.publication import (
    KEPT,
    Publication,
    Standing,
    Wish,
    after,
    document_record,
    find_in,
    read_kept,
    source_of,
)

A, B, C = "a" * 16, "b" * 16, "c" * 16
AT = 1_772_453_645_000


def changes(*wishes: Wish) -> Standing:
    standing = None
    for wish in wishes:
        standing = after(standing, "shop", wish)
    assert standing is not None
    return standing


def test_first_publication():
    live = changes(Wish("published", A, AT, "reroute", ("x",), "why", "me")).live
    assert (live["live"], live["previous"], live["shadow"]) == (A, None, None)
    assert (live["number"], live["live_number"]) == (1, 1)
    assert (live["allowed"], live["reason"], live["by"]) == (["x"], "why", "me")
    assert live["published_at"] == "2026-03-02T12:14:05.000Z"


def test_a_shadow_leaves_what_is_said_of_the_live_one():
    standing = changes(
        Wish("published", A, AT, "pin", ("x",), "why"), Wish("shadowed", B, AT, reason="try")
    )
    live = standing.live
    assert (live["live"], live["shadow"], live["number"], live["live_number"]) == (A, B, 2, 1)
    assert standing.publication == Publication("pin", 1, ("x",), "why")
    assert live["history"][-1]["reason"] == "try"


def test_a_shadow_that_becomes_live_is_no_shadow_any_more():
    live = changes(Wish("shadowed", A, AT), Wish("published", A, AT)).live
    assert (live["live"], live["shadow"]) == (A, None)


def test_another_shadow_outlives_a_publication():
    assert changes(Wish("shadowed", B, AT), Wish("published", A, AT)).live["shadow"] == B


def test_a_shadow_is_ended():
    assert changes(Wish("shadowed", B, AT), Wish("shadow_ended", B, AT)).live["shadow"] is None


def test_revisions_that_were_live_come_latest_first_and_once():
    made = [Wish("published", one, AT) for one in (A, B, A, C)]
    assert changes(*made, Wish("shadowed", "d" * 16, AT)).lives() == [C, A, B]


def test_an_earlier_revision_is_gone_on_with_as_pinned():
    standing = changes(Wish("published", A, AT, "reroute", ("x",), "why"), Wish("published", B, AT))
    assert standing.kept_on(A) == Publication("pin", 1, ("x",), "why")
    assert standing.kept_on(C) == Publication()


def test_the_list_of_changes_has_a_bound_and_numbers_go_on():
    live = changes(*(Wish("published", f"{n:016}", AT) for n in range(KEPT + 7))).live
    assert [one["number"] for one in live["history"]] == list(range(8, KEPT + 8))
    assert live["number"] == KEPT + 7


def test_record_reads_back():
    standing = changes(Wish("published", A, AT))
    event = orjson.loads(standing.encoded())
    assert (event["id"], event["subject"], event["type"]) == (
        "shop.1",
        "shop",
        "tierlane.policy.live.v1",
    )
    assert Standing.read(standing.encoded(), "shop") == standing


def test_a_change_does_not_touch_what_held_before():
    before = changes(Wish("published", A, AT))
    encoded = before.encoded()
    after(before, "shop", Wish("published", B, AT))
    assert before.encoded() == encoded


DOCUMENT = {"policy": "shop", "revision": A, "document": "tierlane: 1"}


def test_document_reads_back_with_what_it_stands_on():
    beneath = [{"asked": "base", "beside": "eu.yaml", "source": "../base", "document": "x: 1"}]
    kept = {**DOCUMENT, "source": "eu.yaml", "beneath": beneath}
    found = read_kept(document_record(kept, AT), "shop", A)
    assert found == kept
    base = find_in(found)("base", "eu.yaml")
    assert base is not None
    assert (base.text, base.source) == (b"x: 1", "../base")
    assert find_in(found)("base", "other.yaml") is None
    assert (source_of(found), source_of(DOCUMENT)) == ("eu.yaml", "shop")


@pytest.mark.parametrize(
    "value", [b"", b"\xff", b"[]", b"{}", b'{"data": 1}', b"[" * 100_000, b'"x"', b"1e999"]
)
def test_what_is_no_record_is_unreadable(value):
    with pytest.raises(Unreadable):
        Standing.read(value, "shop")
    with pytest.raises(Unreadable):
        read_kept(value, "shop", A)


def test_record_under_another_key_is_unreadable():
    with pytest.raises(Unreadable, match="wrong-key"):
        Standing.read(changes(Wish("published", A, AT)).encoded(), "shops")
    for name, revision in (("shops", A), ("shop", B)):
        with pytest.raises(Unreadable, match="wrong-key"):
            read_kept(document_record(DOCUMENT, AT), name, revision)


def test_error_tells_the_place_and_not_the_content():
    value = orjson.dumps({**orjson.loads(changes(Wish("published", A, AT)).encoded()), "time": 7})
    with pytest.raises(Unreadable) as caught:
        Standing.read(value, "shop")
    assert caught.value.detail == "time: string_type"

"""YAML of the core schema with places, and nothing that hides or multiplies."""

import time

import pytest

from tierlane.policy.form.finding import PolicyError
from tierlane.policy.reading.source import LARGEST, plain, read


def values(text):
    return plain(read(text, "f.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("22:00", "22:00"),
        ("2026-10-01", "2026-10-01"), ("09:00-18:00", "09:00-18:00"), ("5%", "5%"), ("30s", "30s"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("0x1F", 31), ("0o17", 15), ("017", 17), ("-3", -3), ("1e3", 1000.0), ("-.5", -0.5),
        ("'1'", "1"), ('"true"', "true"), ("1_000", "1_000"), ("1.2.3", "1.2.3"), ("+", "+"),
    ],
)  # fmt: skip
def test_plain_values_follow_the_core_schema(text, value):
    found = values(f"key: {text}")["key"]
    assert found == value and type(found) is type(value)


def test_every_node_knows_its_place():
    node = read("a:\n  - {b: one,\n     c: two}\n", "f.yaml")
    row = node.entries[0][1].items[0]
    assert row.place == ("f.yaml", 2, 5)
    assert row.entries[1][1].place == ("f.yaml", 3, 9)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: &x 1", "anchor", 1, 4),
        ("a: *x", "anchor", 1, 4),
        ("a: !!int 3", "tag", 1, 4),
        ("a: !mine 3", "tag", 1, 4),
        ("a: 1\nb: 2\na: 3", "duplicate_key", 3, 1),
        ("{1: a, true: b}", "duplicate_key", 1, 8),
        ("a: 1\n---\nb: 2", "second_document", 2, 1),
        ("# nothing", "empty", 1, 1),
        ("? [a]\n: 1", "key", 1, 3),
        ("a: [1, 2", "not_yaml", 2, 1),
        ("a: 1e999", "number", 1, 4),
        ("a: 99999999999999999999", "number", 1, 4),
    ],
)
def test_what_is_refused_names_its_place(text, code, line, column):
    with pytest.raises(PolicyError) as caught:
        read(text, "f.yaml")
    (finding,) = caught.value.findings
    assert (finding.code, finding.place) == (code, ("f.yaml", line, column))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a:\n\tb: 1", "not tabs"),
        ("a: [1, 2\nb: 3", "close each bracket"),
        ("a: {when: b in [1, 2], then: 3", "stands in double quotes"),
        ("a: {when: !b, then: 3}", "begins with `!` stands in double quotes"),
        ("a:\n  - b\n  c: d", "begin at one column"),
        ("a: 1\nb c\nd: 2", "a line is `key: value`"),
        ("a: b: c", "quote text that holds `: `"),
        ("a: - b", "begins on the line below its key"),
        ("a: 'b", "a quote is not closed"),
        ("a: 1\nb: 2\na: 3", "the first is in line 1"),
    ],
)
def test_what_yaml_refuses_is_told_in_plain_words(text, hint):
    with pytest.raises(PolicyError) as caught:
        read(text, "f.yaml")
    (finding,) = caught.value.findings
    assert hint in finding.hint


def test_depth_and_size_have_bounds():
    with pytest.raises(PolicyError, match="nested more than 32 deep"):
        read("[" * 10_000, "f.yaml")
    with pytest.raises(PolicyError, match="more than 8388608 bytes"):
        read("a" * (LARGEST + 1), "f.yaml")


def test_a_tab_is_told_from_blanks():
    with pytest.raises(PolicyError, match="indent by blanks, not tabs"):
        read("a:\n\tb: 1", "f.yaml")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(PolicyError, match="not_yaml"):
        read(b"a: \xff\xfe", "f.yaml")


def test_ten_thousand_rows_are_read_in_a_second():
    text = "rows:\n" + "".join(f"  - [item-{n}, {n % 7}, lane {n % 9}]\n" for n in range(10_000))
    # The processor's seconds: other tests run on the same cores.
    start = time.process_time()
    found = values(text)
    assert len(found["rows"]) == 10_000 and found["rows"][-1] == ["item-9999", 3, "lane 0"]
    assert time.process_time() - start < 2

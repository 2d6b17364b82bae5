"""Hostile policies: each ends in bounded time and memory, with a finding at its place, no traceback.

The check runs as a user runs it, in a process of its own with limits that the kernel holds.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policy.writing import policy
from tierlane.policy.condition.pattern import MOST, cost

MEMORY = 1024**3
"""Bytes of address space; the interpreter with its libraries takes about a third of it."""
SECONDS = 20
"""Processor seconds; the largest documents take about 4 on a small machine."""


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def checked(path: Path) -> tuple[int, list[dict], str]:
    command = [sys.executable, "-m", "tierlane", "policy", "check", "--format", "json", path.name]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limited, cwd=path.parent, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert len(done.stdout) < 2_000_000
    return done.returncode, json.loads(done.stdout), done.stderr


def asking(condition: str) -> str:
    return policy(f"floors: [{{rule: r, when: {json.dumps(condition)}, then: {{}}}}]\n")


def rules(count: int, row: str) -> str:
    rows = "".join(f"    - {row.replace('NUMBER', str(n))}\n" for n in range(count))
    return policy(f"scenarios:\n  default: a\n  rules:\n{rows}")


def table(count: int, cells: str) -> str:
    rows = "".join(f"      - [{cells.replace('NUMBER', str(n))}, {n}]\n" for n in range(count))
    on = ", ".join(["contact.attributes.word", "contact.language"][: cells.count(",") + 1])
    head = f"facts:\n- fact: a\n  default: 1\n  table:\n    on: [{on}]\n    rows:\n"
    return policy(head + rows)


RULE = "{rule: rNUMBER, when: contact.attributes.word == 'wNUMBER', then: s}"
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))  # fmt: skip
REST = policy().count("\n") + 1
"""The line on which what a test adds begins."""

HOSTILE = {
    # YAML
    "bomb of aliases": (BOMB, "anchor", 1, 4),
    "endless nesting of lists": ("[" * 4_000_000, "too_deep", 1, 33),
    "endless nesting of maps": ("{a: " * 2_000_000, "too_deep", 1, 126),
    "nesting by indentation": ("".join(" " * n + "a:\n" for n in range(3000)), "too_deep", 32, 32),
    "nine million bytes": ("#" * 9_000_000, "too_large", 1, 1),
    "two million values": ("a: [" + "1," * 2_000_000 + "]", "too_deep", 1, 1_999_999),
    "a key of a megabyte": (policy("n" * 1_000_000 + ": 1\n"), "not_yaml", REST, 1_000_001),
    "a quoted key of a megabyte": (policy("? " + "n" * 1_000_000 + "\n: 1\n"), "range", REST, 3),
    "a number of eight million digits": ("a: " + "1" * 8_000_000, "number", 1, 4),
    "an infinite number": (policy("priorities: {default: 1e999}\n"), "number", REST, 23),
    "infinity by its name": (policy("priorities: {default: .inf}\n"), "wrong_type", REST, 23),
    "not a number": (policy("priorities: {default: .nan}\n"), "wrong_type", REST, 23),
    "a key that is a number": (policy("1: 2\n"), "wrong_type", REST, 1),
    "a key that stands twice deep down": (
        policy(
            "cases: [{case: c, contact: {channel: chat, attributes: {a: {b: {c: 1, c: 2}}}},"
            " expect: {lane: people}}]\n"
        ), "duplicate_key", REST, 71,
    ),
    "a NUL": (policy('time_zone: "a\\0b"\n'), "hidden_sign", REST, 12),
    "a name that turns the writing": (
        policy('scenarios: {default: "go\\u202edl"}\n'), "hidden_sign", REST, 22,
    ),
    "a blank without width": (policy("scenarios: {default: go\u200bld}\n"), "hidden_sign", REST, 22),
    "half a sign": (policy('scenarios: {default: "\\ud800"}\n'), "not_yaml", REST, 25),
    "bytes that are no text": (b"a: \xc3\x28" * 1000, "not_yaml", 1, 1),
    # sizes
    "a name of a megabyte": (
        policy("scenarios: {default: a, rules: [{rule: " + "n" * 1_000_000 + ", then: b}]}\n"),
        "range", REST, 40,
    ),
    "a text of eight million characters": (
        policy("serving: [{rule: r, then: {carry: [" + "x" * 8_000_000 + "]}}]\n"),
        "range", REST, 36,
    ),
    "a time zone of a megabyte": (policy("time_zone: " + "a/" * 500_000 + "\n"), "range", REST, 12),
    "a hundred thousand rules": (rules(100_000, RULE), "too_large", REST + 3, 5),
    "ten thousand broken rules": (rules(10_000, "{rul: rNUMBER}"), "too_many", None, None),
    "twenty thousand unknown keys": (
        policy("".join(f"key{n}: 1\n" for n in range(20_000))), "too_many", REST + 999, 1,
    ),
    "twenty thousand facts": (
        policy("facts:\n" + "".join(
            f"  - {{fact: f{n}, default: 0, ladder: memory.contacts, from: {{1: 1}}}}\n"
            for n in range(20_000))), "too_large", REST + 1, 3,
    ),
    "a table of 100,001 rows": (table(100_001, "wNUMBER"), "too_large", REST + 6, 7),
    "fifty thousand steps": (
        policy(plans="plans: [{plan: all, steps: [" + "{lane: people}," * 50_000 + "]}]\n"),
        "too_large", None, None,
    ),
    "a duration of six megabytes": (
        policy("promises: {default: {answer: " + "1h" * 3_000_000 + "}}\n"), "wrong_type", REST, 30,
    ),
    # conditions
    "a condition of five thousand characters": (
        asking("true || " * 640 + "true"), "range", REST, 26,
    ),
    "brackets without end": (asking("(" * 2_000 + "true"), "not_cel", REST, 50),
    "denials without end": (asking("!" * 4_000 + "true"), "not_cel", REST, 50),
    "a chain of a thousand terms": (asking("||".join(["1<2"] * 800)), "not_cel", None, None),
    "a list of 1,500 values": (asking(f"contact.identity in [{'1,' * 1500}1]"), "not_cel", None, None),
    "walks within walks": (
        policy('floors: [{rule: r, when: "profile.segments.exists(a, profile.segments.exists(b, profile.segments.all(c, a == b)))", then: {}}]\n'),
        "wrong_type", REST, 53,
    ),
    "text that grows": (asking("contact.product + contact.product == 'a'"), "wrong_type", REST, None),
    "a number that overflows": (asking("contact.identity > 99999999999999999999"), "not_cel", REST, 45),
    "a pattern that looks back": (
        asking(r"contact.product.matches('(a)\\1')"), "bad_pattern", REST, 26,
    ),
    "a pattern whose repetitions multiply": (
        asking("contact.product.matches('(a{1000}){1000}')"), "bad_pattern", REST, 26,
    ),
    "a pattern that multiplies what may be nothing": (
        asking("contact.product.matches('((((a?){30}){30}){30}){9}')"), "bad_pattern", REST, 26,
    ),
    "a pattern of many large classes": (
        asking(r"contact.product.matches('(\\pL{10}){10}')"), "bad_pattern", REST, 26,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_policy_is_refused_at_its_place_within_bounds(name, tmp_path):
    text, code, line, column = HOSTILE[name]
    path = tmp_path / "p.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    exit_code, found, _ = checked(path)
    assert exit_code == 1
    by_code = {one["code"]: one for one in reversed(found) if one["severity"] == "error"}
    assert code in by_code, sorted(by_code)
    one = by_code[code]
    assert one["file"] == "p.yaml" and len(one["message"]) <= 500
    assert line is None or one["line"] == line
    assert column is None or one["column"] == column


SOUND = {
    "ten thousand rules": rules(10_000, RULE),
    "a table of 100,000 rows": table(100_000, "wNUMBER"),
    "a table of 100,000 rows of two cells": table(100_000, "wNUMBER, any"),
    "a condition of 200 parts": asking(" || ".join(["contact.identity == 1"] * 60)),
    "a pattern that would back-track": asking("contact.product.matches('(a+)+b|(a|aa)+$')"),
    "a number at the edge": asking("contact.identity * 999999999999999 > 1"),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_only_large_is_checked_within_the_same_bounds(name, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(SOUND[name])
    exit_code, found, _ = checked(path)
    assert exit_code == 0 and not [one for one in found if one["severity"] == "error"]


@pytest.mark.parametrize("text", ["g\u043eld", "VIP\u043a\u043b\u0438", "\u03b1lpha", "cafe\u0301"])
def test_words_that_look_alike_are_warned_of(text, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(policy(f"scenarios: {{default: {text}}}\n"))
    assert "lookalike" in [one["code"] for one in checked(path)[1]]


@pytest.mark.parametrize("text", ["gold", "золото", "VIP客户", "café", "χρυσός", "VIP клиент"])
def test_words_of_one_alphabet_are_not(text, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(policy(f"scenarios: {{default: {text}}}\n"))
    assert "lookalike" not in [one["code"] for one in checked(path)[1]]


@pytest.mark.parametrize(
    "pattern",
    ["(?i)third time|lawyer", "投诉|律师|工商", r"\d{17}[\dX]", r"[\w.-]+@[\w-]+(\.[\w-]+)+", "(ab{2,5}c){9}",
     "a{1000}", r"^\+?\d{1,3}[- ]?\d{4,14}$", "[]a]{3}", "(a", "[", "{5}", ""],
)  # fmt: skip
def test_patterns_as_people_write_them_cost_little(pattern):
    assert cost(pattern) < MOST


def test_a_pattern_costs_what_its_repetitions_multiply_to():
    assert cost("(a{1000}){1000}") > MOST > cost("a{1000}{2}") > cost("a{1000}")
    assert cost(r"[\w-]{100}") > MOST and cost(r"(\d|x){1000}") > MOST

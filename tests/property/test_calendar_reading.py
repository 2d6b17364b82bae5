"""Whatever is written under `calendars` and `memory`, the check answers and does not raise."""

import time

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.writing import policy
from tierlane.policy.check.document import check
from tierlane.policy.form.code import ERRORS, WARNINGS

words = st.sampled_from(
    ["mon", "mon-fri", "sun-sat", "noday", "09:00-18:00", "22:00-06:00", "25:00-26:00", "00:00-24:00",
     "9-5", "2026-10-01", "2026-02-30", "2026-10-01..2026-10-07", "2026-10-07..2026-10-01",
     "0001-01-01", "9999-12-31", "0001-01-01..9999-12-31", "..", "", "Asia/Tokyo", "Mars/North", "office"]
)  # fmt: skip
leaves = st.one_of(words, st.none(), st.booleans(), st.integers(-5, 10**12), st.floats(0, 1))
keys = st.one_of(
    words, st.sampled_from(["weekly", "closed", "open", "time_zone", "counts", "same_contact"])
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=20,
)
calendar = st.fixed_dictionaries(
    {},
    optional={
        "weekly": st.one_of(trees, st.dictionaries(words, st.one_of(words, st.lists(words)))),
        "closed": st.one_of(trees, st.lists(words)),
        "open": st.one_of(trees, st.dictionaries(words, st.one_of(words, st.lists(words)))),
        "time_zone": leaves,
    },
)


def written(**sections: object) -> str:
    return policy("".join(f"{k}: {orjson.dumps(v).decode()}\n" for k, v in sections.items()))


@given(st.one_of(trees, st.dictionaries(words, st.one_of(calendar, trees), max_size=3)), leaves)
@settings(deadline=None, max_examples=300)
def test_calendars(calendars: object, default: object) -> None:
    for one in check(written(calendars=calendars, calendar=default), "p.yaml"):
        assert one.code in {**ERRORS, **WARNINGS}


@given(trees)
@settings(deadline=None, max_examples=200)
def test_memory(memory: object) -> None:
    for one in check(written(memory=memory), "p.yaml"):
        assert one.code in {**ERRORS, **WARNINGS}


def test_the_dearest_calendars_are_walked_in_bounded_time() -> None:
    # As fragmented as they may be, each asked for what it never gives: a fifth of as many as may be.
    spans = [f"{hour:02}:00-{hour:02}:30" for hour in range(0, 24, 4)]
    calendars = {
        f"c{n}": {"weekly": {"mon-sun": spans}, "time_zone": "Europe/Berlin"} for n in range(20)
    }
    rules = [
        {"rule": f"r{n}", "then": {"answer": "20h working", "calendar": f"c{n}"}} for n in range(20)
    ]
    text = written(calendars=calendars, promises={"rules": rules})
    begun = time.process_time()
    found = check(text, "p.yaml")
    spent = time.process_time() - begun
    assert sum(one.code == "working_after_finally" for one in found) == 20
    assert spent < 10

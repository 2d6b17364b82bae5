"""A stored report and its pages: the same record gives the same numbers, and these the same bytes."""

import pyarrow.parquet
import pytest

from tests.unit.page.report.stored import FOLDER, made, stored
from tierlane.page.report.sheet import page
from tierlane.page.report.wording import LANGUAGES
from tierlane.replay.report.figure import TABLES

HINT = "`python -m tests.unit.page.report.stored` writes it anew, if that is what was meant"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stored_report_has_the_stored_page(language):
    shown = (FOLDER / f"{language}.html").read_text(encoding="utf-8")
    assert page(stored(), language) == shown, HINT


def test_the_same_record_gives_the_same_numbers(tmp_path):
    """Alike to nine places: a processor may round the last digits of a logarithm otherwise."""
    found, known = made(tmp_path), stored()
    assert list(found) == list(known)
    for part in found:
        assert list(differences(found[part], known[part], part)) == [], HINT
    for name in TABLES:
        rows = known[name]
        path = tmp_path / "numbers" / f"{name}.parquet"
        assert path.is_file() == bool(rows)
        if rows:
            table = pyarrow.parquet.read_table(path).to_pylist()
            told = [{key: row[key] for key in one} for row, one in zip(table, rows, strict=True)]
            assert list(differences(told, rows, name)) == [], HINT


def differences(found, known, where):
    """Yield where two reports differ."""
    if isinstance(found, dict) and isinstance(known, dict):
        if list(found) != list(known):
            yield where, list(found), list(known)
            return
        for key in found:
            yield from differences(found[key], known[key], f"{where}/{key}")
    elif isinstance(found, list) and isinstance(known, list):
        if len(found) != len(known):
            yield where, len(found), len(known)
            return
        for place, pair in enumerate(zip(found, known, strict=True)):
            yield from differences(*pair, f"{where}/{place}")
    elif type(found) is float or type(known) is float:
        if found is None or known is None or found != pytest.approx(known, rel=1e-9, abs=1e-12):
            yield where, found, known
    elif found != known:
        yield where, found, known


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1.0}, {"a": 1.00001}), ([1], [1, 2]), ({"a": "x"}, {"a": "y"}), ({"a": 1.0}, {"a": None}),
        ({"a": 1}, {"b": 1}), ([{"a": [2]}], [{"a": [3]}]),
    ],
)  # fmt: skip
def test_a_difference_is_found(one, other):
    assert list(differences(one, other, ""))
    assert not list(differences(one, one, ""))

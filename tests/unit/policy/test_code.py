"""Every code of a finding has its sentence, and the reference tells of just these."""

import re
from pathlib import Path

from tierlane.policy.form.code import ALLOWABLE, ERRORS, NOTES, WARNINGS

SOURCE = "\n".join(path.read_text() for path in Path("src/tierlane/policy").rglob("*.py"))
RAISED = re.compile(r'(?:report\.(error|warn|note)|_refuse)\(\s*"([a-z_]+)"')


def test_what_is_raised_has_a_sentence():
    raised = RAISED.findall(SOURCE)
    assert len(raised) > 50
    for how, code in raised:
        assert code in {"warn": WARNINGS, "note": NOTES}.get(how, ERRORS)


def test_what_may_be_allowed_is_an_error():
    assert ALLOWABLE and set(ERRORS) >= ALLOWABLE


def test_what_has_a_sentence_is_raised():
    rest = SOURCE.replace(Path("src/tierlane/policy/form/code.py").read_text(), "")
    assert [code for code in (*ERRORS, *WARNINGS, *NOTES) if f'"{code}"' not in rest] == []


def test_the_reference_tells_of_each():
    page = Path("docs/reference/policy.md").read_text()
    for code, means in {**ERRORS, **WARNINGS, **NOTES}.items():
        assert f"| `{code}` | {means} |" in page

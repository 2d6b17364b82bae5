"""What words alone answer of a text is what the binding answers."""

import cel
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierlane.policy.condition.expression import parse
from tierlane.policy.condition.wording import asked, wording

LETTERS = "aAkK\u212asS\u017fiI\u0130\u0131z.+|(\\\"'\n é\u00c9ß第三次投\U0001f600\x00"
texts = st.text(alphabet=LETTERS, max_size=12) | st.text(max_size=12)
words = st.text(alphabet=LETTERS.replace("\x00", ""), max_size=3)
patterns = st.builds(
    lambda any_case, parts: ("(?i)" if any_case else "") + "|".join(parts),
    st.booleans(),
    st.lists(words, min_size=1, max_size=3),
)
calls = st.one_of(
    st.tuples(st.sampled_from(["contains", "startsWith", "endsWith"]), words),
    st.tuples(st.just("matches"), patterns),
)


def written(name: str, argument: str) -> str:
    return f"t.x.{name}({orjson.dumps(argument).decode()})"


@given(st.lists(calls, min_size=1, max_size=4), st.lists(texts, min_size=1, max_size=6))
@settings(max_examples=1500, deadline=None)
def test_words_answer_as_the_binding_does(asked_for, told):
    questions, programs = [], []
    for name, argument in asked_for:
        question = wording(parse(written(name, argument)))
        if question is not None:
            questions.append(question)
            programs.append(cel.compile(written(name, argument).replace("t.x", "t")))
    answer = asked(tuple(questions))
    for text in told:
        answers = answer(text)
        try:
            expected = tuple(program.execute({"t": text}) for program in programs)
        except UnicodeEncodeError:
            expected = None if programs else ()
        if answers is None:  # left to the binding
            with pytest.raises(UnicodeEncodeError):
                text.encode()
        else:
            assert answers == expected


@pytest.mark.parametrize(
    ("condition", "by_words"),
    [
        ("contact.text.contains('lawyer')", True),
        ("contact.text.matches('third time|第三次')", True),
        ("contact.text.matches('(?i)third time|第三次')", True),
        ("contact.text.matches('(?i)émeute')", False),
        ("contact.text.matches('third.time')", False),
        ("contact.text.matches('third|')", False),
        ("contact.text.matches('^third')", False),
        ("contact.text.matches('(?s)third')", False),
        ("contact.text.contains(contact.subject)", False),
        ("size(contact.text) > 3", False),
    ],
)
def test_which_questions_words_answer(condition, by_words):
    assert (wording(parse(condition)) is not None) is by_words

"""The subset of CEL: read into a tree, or refused with the character and a hint."""

import pytest

from tierlane.policy.condition.expression import Binary, Const, NotCel, Path, parse, terms


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a && b || c && d", 1),
        ("a && (b || c) && d", 3),
        ("(a && b) && c", 3),
        ("a == 'x && y'", 1),
        ("!(a && b)", 1),
    ],
)
def test_conditions_are_split_at_the_outermost_and(text, parts):
    assert len(terms(parse(text))) == parts


def test_or_binds_weaker_than_and_and_comparison_stronger():
    tree = parse("a == 1 || b.c < -2 && d")
    assert isinstance(tree, Binary) and tree.sign == "||"
    right = tree.right
    assert isinstance(right, Binary) and right.sign == "&&"
    less = right.left
    assert isinstance(less, Binary)
    assert isinstance(less.left, Path) and less.left.text == "b.c"
    assert isinstance(less.right, Const) and less.right.value == -2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'it\'s'", "it's"), (r'"a\n\u00e9"', "a\né"), ("'é'", "é"), ("1.5e3", 1500.0),
        ("null", None), ("true", True), ("007", 7),
    ],
)  # fmt: skip
def test_constants(text, value):
    tree = parse(text)
    assert isinstance(tree, Const) and tree.value == value


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 0, "the expression ends too soon"),
        ("a &&", 4, "the expression ends too soon"),
        ("(a", 2, "`)` is missing"),
        ("a b", 2, "unexpected `b`"),
        ("a ? b : c", 2, "`? :` is not part of the language"),
        ("a[0]", 1, "`[…]` is not part of the language"),
        ("a < b < c", 6, "`<` and `<` in a row"),
        ("a == #", 5, "unexpected `#`"),
        ("'a", 0, "unexpected `'`"),
        (r"'\q'", 0, r"unknown escape `\q`"),
        ("1234567890123456", 0, "the number is too large"),
        ("a.1", 2, "a name must follow `.`"),
        ("(" * 100, 24, "nested more than 24 deep"),
        ("[" + "1," * 1001 + "1]", 0, "a list of more than 1000 values"),
        (" || ".join(["a"] * 2000), 4096, "the expression has more than 4096 characters"),
    ],
)
def test_what_is_refused(text, at, message):
    with pytest.raises(NotCel) as caught:
        parse(text)
    assert (caught.value.message, caught.value.at) == (message, at)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a = 1", "equality is `==`"),
        ("a is 1", "equality is `==`"),
        ("a & b", "and is `&&`"),
        ("a AND b", "and is `&&`"),
        ("a | b", "or is `||`"),
        ("a or b", "or is `||`"),
        ("not a", "not is `!`"),
        ("not (a)", "not is `!`"),
        ("a == 'b", "text ends by the quote that it begins with"),
        ("a b", ""),
    ],
)
def test_signs_of_other_languages_are_told_what_they_are_here(text, hint):
    with pytest.raises(NotCel) as caught:
        parse(text)
    assert caught.value.hint == hint

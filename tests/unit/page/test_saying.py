"""Conditions in words, in both languages; what cannot be said is given as it is written."""

import pytest

from tierlane.page.saying import saying
from tierlane.page.wording import WORDS, duration
from tierlane.policy.form.document import Written
from tierlane.policy.form.finding import Place


@pytest.mark.parametrize(
    ("condition", "english", "chinese"),
    [
        ("contact.subject == 'return'", "subject is `return`", "主题为「return」"),
        ("contact.channel != 'voice'", "channel is not `voice`", "渠道不为「voice」"),
        ("contact.subject in ['a', 'b']", "subject is one of `a` or `b`", "主题为「a」或「b」"),
        ("'company' in profile.segments", "customer's segments have `company`", "客群包含「company」"),
        ("profile.age >= 60", "age is at least 60", "年龄不低于60"),
        ("profile.measures.spend_12m < 20000", "spend 12m is below 20,000", "spend 12m小于20,000"),
        ("contact.region == null", "region is not known", "地区未知"),
        ("contact.region != null", "region is known", "地区已知"),
        ("profile == null", "the customer is unknown", "客户未知"),
        ("fact.upset", "upset", "upset成立"),
        ("!fact.upset", "not (upset)", "并非（upset成立）"),
        ("tier_is_at_least('gold')", "tier is `gold` or higher", "客户等级不低于「gold」"),
        (
            "days_since(contact.attributes.delivered_at) <= fact.days",
            "days since delivered at is at most days", "距delivered at的天数不超过days",
        ),
        (
            "age(memory.last_at) < duration('15m')",
            "time since last contact is below 15 min", "距上次联络的时间小于15分钟",
        ),
        ("contact.text.contains('x')", "what was said has `x` in it", "客户原话含有「x」"),
        ("in_calendar('office')", "`office` is open", "「office」营业"),
        (
            "scenario == 'a' && (tier == 'b' || fact.c)",
            "situation is `a` and (tier is `b` or c)", "情形为「a」，且（客户等级为「b」，或c成立）",
        ),
        ("true", "always", "总是"),
        ("profile.segments.exists(s, s == 'x')", "`profile.segments.exists(s, s == 'x')`", "「profile.segments.exists(s, s == 'x')」"),
        ("contact.subject ==", "`contact.subject ==`", "「contact.subject ==」"),
    ],
)  # fmt: skip
def test_a_condition_in_words(condition, english, chinese):
    written = Written(condition, Place("p", 1, 1))
    assert saying(written, "en") == english
    assert saying(written, "zh") == chinese


def test_no_condition_says_nothing():
    assert saying(None, "en") == ""


@pytest.mark.parametrize(
    ("ms", "english", "chinese"),
    [
        (30_000, "30 s", "30秒"),
        (5_400_000, "1 h 30 min", "1小时30分钟"),
        (172_800_000, "2 d", "2天"),
        (0, "0 s", "0秒"),
        (1, "1 ms", "1毫秒"),
    ],
)
def test_durations(ms, english, chinese):
    assert (duration(ms, "en"), duration(ms, "zh")) == (english, chinese)


def test_both_languages_have_the_same_words_with_the_same_places():
    def places(text):
        return {piece.split("}")[0] for piece in text.split("{")[1:]}

    assert set(WORDS["en"]) == set(WORDS["zh"])
    for key, text in WORDS["en"].items():
        assert places(text) == places(WORDS["zh"][key]), key

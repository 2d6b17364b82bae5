"""Conditions in words: what a CEL expression asks, for somebody who does not read it."""

from collections.abc import Callable
from typing import Final

from tierlane.page.wording import duration, value
from tierlane.policy.condition.expression import (
    Binary,
    Call,
    Const,
    NotCel,
    Path,
    Several,
    Tree,
    Unary,
    parse,
)
from tierlane.policy.form.document import Written, word
from tierlane.policy.reading.shape import duration_ms

_NAMES: Final = {
    "en": {
        "contact.id": "contact id", "contact.customer_id": "customer id",
        "contact.channel": "channel", "contact.language": "language", "contact.region": "region",
        "contact.platform": "platform", "contact.product": "product", "contact.subject": "subject",
        "contact.text": "what was said", "contact.identity": "identification",
        "contact.arrived_at": "arrival", "profile": "customer",
        "profile.customer_id": "customer id", "profile.region": "customer's region",
        "profile.dedicated_advisor": "customer's own advisor",
        "profile.account_team": "customer's account team", "profile.birth_year": "year of birth",
        "profile.age": "age", "profile.segments": "customer's segments",
        "profile.languages": "customer's languages", "profile.preferences": "preferences",
        "profile.membership.level": "membership level",
        "profile.membership.programme": "membership programme",
        "profile.membership.until": "end of membership", "memory.contacts": "contacts so far",
        "memory.first_at": "first contact", "memory.last_at": "last contact",
        "memory.last_advisor": "last advisor", "memory.last_scenario": "last situation",
        "memory.last_outcome": "last outcome", "memory.last_channel": "last channel",
        "scenario": "situation", "tier": "tier", "now": "now", "advisor.id": "advisor",
        "advisor.languages": "advisor's languages", "advisor.rank": "advisor's rank",
        "advisor.team": "advisor's team", "lane.free": "free advisors", "lane.waiting": "waiting",
        "lane.kind": "kind of lane", "lane.name": "lane", "lane.desk": "desk",
        "budget.left": "rest of the budget", "who.missing": "the one wanted is not known",
        "who.absent": "the one wanted is not there",
    },
    "zh": {
        "contact.id": "联络编号", "contact.customer_id": "客户编号", "contact.channel": "渠道",
        "contact.language": "语言", "contact.region": "地区", "contact.platform": "平台",
        "contact.product": "产品", "contact.subject": "主题", "contact.text": "客户原话",
        "contact.identity": "身份核验级别", "contact.arrived_at": "到达时间", "profile": "客户",
        "profile.customer_id": "客户编号", "profile.region": "客户所在地区",
        "profile.dedicated_advisor": "客户的专属顾问", "profile.account_team": "客户团队",
        "profile.birth_year": "出生年份", "profile.age": "年龄", "profile.segments": "客群",
        "profile.languages": "客户的语言", "profile.preferences": "偏好",
        "profile.membership.level": "会员等级", "profile.membership.programme": "会员计划",
        "profile.membership.until": "会员到期时间", "memory.contacts": "此前联络次数",
        "memory.first_at": "首次联络", "memory.last_at": "上次联络",
        "memory.last_advisor": "上次的顾问", "memory.last_scenario": "上次的情形",
        "memory.last_outcome": "上次的结果", "memory.last_channel": "上次的渠道",
        "scenario": "情形", "tier": "客户等级", "now": "当前时间", "advisor.id": "顾问",
        "advisor.languages": "顾问的语言", "advisor.rank": "顾问级别", "advisor.team": "顾问团队",
        "lane.free": "空闲顾问数", "lane.waiting": "等待人数",
        "lane.kind": "通道类型", "lane.name": "通道", "lane.desk": "服务台",
        "budget.left": "限额余量", "who.missing": "所需的顾问未知",
        "who.absent": "所需的顾问不在",
    },
}  # fmt: skip
"""Fields as people call them."""

_OPEN: Final = (
    "contact.attributes.", "profile.measures.", "profile.signals.", "fact.", "advisor.skills.",
    "advisor.attributes.", "memory.count.",
)  # fmt: skip
"""Maps whose names the policy gives: they are said as they are, without the map."""

_SIGNS: Final = {
    "en": {
        "==": "{0} is {1}", "!=": "{0} is not {1}", "<": "{0} is below {1}",
        "<=": "{0} is at most {1}", ">": "{0} is above {1}", ">=": "{0} is at least {1}",
        "in list": "{0} is one of {1}", "in": "{1} have {0}", "is null": "{0} is not known",
        "not null": "{0} is known", "no profile": "the customer is unknown",
        "profile": "the customer is known", "holds": "{0}", "not": "not ({0})",
        "&&": "{0} and {1}", "||": "{0} or {1}", "group": "({0})", "list": " or ",
        "true": "yes", "false": "no", "always": "always", "never": "never",
    },
    "zh": {
        "==": "{0}为{1}", "!=": "{0}不为{1}", "<": "{0}小于{1}", "<=": "{0}不超过{1}",
        ">": "{0}大于{1}", ">=": "{0}不低于{1}", "in list": "{0}为{1}", "in": "{1}包含{0}",
        "is null": "{0}未知", "not null": "{0}已知", "no profile": "客户未知",
        "profile": "客户已知", "holds": "{0}成立", "not": "并非（{0}）", "&&": "{0}，且{1}",
        "||": "{0}，或{1}", "group": "（{0}）", "list": "或", "true": "是", "false": "否",
        "always": "总是", "never": "从不",
    },
}  # fmt: skip
_FUNCTIONS: Final = {
    "en": {
        "tier_is_at_least": "tier is {0} or higher", "days_since": "days since {0}",
        "age": "time since {0}", "in_calendar": "{0} is open",
        "any_of": "{0} and {1} have one in common",
        "contains": "{0} has {1} in it", "startsWith": "{0} begins with {1}",
        "endsWith": "{0} ends with {1}", "matches": "{0} matches {1}", "size": "number of {0}",
        "duration": "{0}", "timestamp": "{0}",
    },
    "zh": {
        "tier_is_at_least": "客户等级不低于{0}", "days_since": "距{0}的天数", "age": "距{0}的时间",
        "in_calendar": "{0}营业", "any_of": "{0}与{1}有共同项", "contains": "{0}含有{1}",
        "startsWith": "{0}以{1}开头", "endsWith": "{0}以{1}结尾", "matches": "{0}符合{1}",
        "size": "{0}的个数", "duration": "{0}", "timestamp": "{0}",
    },
}  # fmt: skip


def saying(written: Written | None, language: str) -> str:
    """Return a condition in words; one that cannot be put so is given as it is written."""
    if written is None:
        return ""
    try:
        return _Sayer(written.text, language).condition(parse(written.text))
    except NotCel:
        return value(written.text, language)


def named(path: str, language: str) -> str:
    """Return a field, fact or skill as people call it."""
    if path in _NAMES[language]:
        return _NAMES[language][path]
    for opened in _OPEN:
        if path.startswith(opened):
            return path.removeprefix(opened).replace("_", " ")
    return value(path, language)


class _Sayer:
    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        self.signs, self.functions = _SIGNS[language], _FUNCTIONS[language]
        self._said: dict[type, Callable[..., str]] = {
            Const: self._const, Path: self._path, Unary: self._unary, Binary: self._binary,
            Call: self._function, Several: self._several,
        }  # fmt: skip

    def condition(self, tree: Tree) -> str:
        """Say a tree that is true or false."""
        if isinstance(tree, Path):
            return self.signs["holds"].format(self.say(tree))
        if isinstance(tree, Const) and isinstance(tree.value, bool):
            return self.signs["always" if tree.value else "never"]
        return self.say(tree)

    def say(self, tree: Tree) -> str:
        """Say any tree."""
        return self._said[type(tree)](tree)

    def _const(self, tree: Const) -> str:
        if isinstance(tree.value, bool):
            return self.signs["true" if tree.value else "false"]
        shown = f"{tree.value:,}" if isinstance(tree.value, int) else word(tree.value)
        return shown if isinstance(tree.value, int | float) else value(shown, self.language)

    def _path(self, tree: Path) -> str:
        return named(tree.text, self.language)

    def _unary(self, tree: Unary) -> str:
        if tree.sign == "!":
            return self.signs["not"].format(self.condition(tree.operand))
        return f"-{self.say(tree.operand)}"

    def _binary(self, tree: Binary) -> str:
        left, right = tree.left, tree.right
        if tree.sign in ("&&", "||"):
            return self.signs[tree.sign].format(
                self._part(left, tree.sign), self._part(right, tree.sign)
            )
        if isinstance(right, Const) and right.value is None and tree.sign in ("==", "!="):
            return self._null(left, known=tree.sign == "!=")
        if tree.sign == "in":
            how = "in list" if isinstance(right, Several) else "in"
            return self.signs[how].format(self.say(left), self.say(right))
        if tree.sign in self.signs:
            return self.signs[tree.sign].format(self.say(left), self.say(right))
        return f"{self.say(left)} {tree.sign} {self.say(right)}"

    def _part(self, tree: Tree, sign: str) -> str:
        """Say one side of `and` or `or`; the other of the two stands in brackets."""
        said = self.condition(tree)
        mixed = isinstance(tree, Binary) and tree.sign in ("&&", "||") and tree.sign != sign
        return self.signs["group"].format(said) if mixed else said

    def _null(self, tree: Tree, *, known: bool) -> str:
        if isinstance(tree, Path) and tree.text == "profile":
            return self.signs["profile" if known else "no profile"]
        return self.signs["not null" if known else "is null"].format(self.say(tree))

    def _several(self, tree: Several) -> str:
        return self.signs["list"].join(map(self.say, tree.items))

    def _function(self, tree: Call) -> str:
        parts = (*((tree.target,) if tree.target is not None else ()), *tree.args)
        if tree.name not in self.functions:
            return value(self.text[tree.start : tree.end], self.language)
        only = parts[0]
        if tree.name == "duration" and isinstance(only, Const):
            ms = duration_ms(str(only.value))
            return duration(ms, self.language) if ms is not None else self.say(only)
        return self.functions[tree.name].format(*map(self.say, parts))

"""The sentences that tell a decision, in English and Chinese: plain, for whoever keeps a service.

What the policy or the record names stands in backticks, in Chinese in 「」.
"""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "zh")

Texts = Mapping[str, Mapping[str, str]]

KINDS: Final[Texts] = {
    "en": {
        "standard": "standard queue",
        "priority": "priority lane",
        "dedicated": "dedicated advisor",
        "selfservice": "self-service",
    },
    "zh": {
        "standard": "标准队列",
        "priority": "优先通道",
        "dedicated": "专属顾问",
        "selfservice": "自助服务",
    },
}
REASONS: Final[Texts] = {
    "en": {
        "budget": "its budget is used up",
        "channel": "it does not serve this channel",
        "closed": "its desk is closed at that time",
        "full": "it is full",
        "identity": "the customer is not identified strongly enough",
        "language": "it does not speak the contact's language",
        "until": "it is over before the contact comes to it",
        "who.missing": "what it asks of an advisor is not known of this contact",
        "when": "the condition `{term}` is not met",
        "missing": "`{term}` is not known",
        "skip_if": "it is skipped while `{term}`",
        "binds": "the row `{term}` forbids it",
        "other": "`{term}`",
    },
    "zh": {
        "budget": "该通道的服务限额已用完",
        "channel": "不受理这一渠道",
        "closed": "此时不在该服务台的营业时间内",
        "full": "该通道已满",
        "identity": "客户身份核验强度不够",
        "language": "不使用该联络的语言",
        "until": "联络到达之前该步骤已经结束",
        "who.missing": "它对顾问的要求，在本次联络中没有可对照的信息",
        "when": "条件「{term}」不成立",
        "missing": "「{term}」未知",
        "skip_if": "「{term}」时跳过",
        "binds": "规则「{term}」不允许",
        "other": "「{term}」",
    },
}
"""Why a step was passed over."""
FAULTS: Final[Texts] = {
    "en": {
        "wrong_type": "`{at}` is not of the type the policy states and was not used",
        "unknown_value": "`{at}` has a value the policy does not know",
        "missing_profile": "the customer has no profile",
        "unknown_customer": "the customer is not known",
        "no_working_time": "the working time of `{at}` does not come within ten years",
        "condition": "a condition of `{at}` could not be answered and counts as not met",
        "internal": "deciding failed (`{detail}`), so the fallback lane takes the contact",
        "other": "`{code}` at `{at}`",
    },
    "zh": {
        "wrong_type": "「{at}」的类型与策略声明不符，未采用",
        "unknown_value": "「{at}」的取值不在策略所列范围内",
        "missing_profile": "没有该客户的档案",
        "unknown_customer": "客户身份未知",
        "no_working_time": "「{at}」所承诺的工作时间在十年内不会到来",
        "condition": "「{at}」的条件无法判断，按不成立处理",
        "internal": "决策过程出错（「{detail}」），按策略转入兜底通道",
        "other": "「{code}」，位于「{at}」",
    },
}
TEXT: Final[Texts] = {
    "en": {
        "lane": "Contact `{contact}` goes to lane `{lane}` ({kind}) at desk `{desk}`{advisor}.",
        "advisor": ", to the advisor `{advisor}`",
        "again": "It was decided anew, since something about it had changed.",
        "tier": "Its customer counts as `{tier}`{because}.",
        "kept": "Its customer counts as `{tier}`: no row gives it now, but it was held before and "
        "is kept for a time, by `{rule}`.",
        "margin": "Its customer counts as `{tier}`: it was held before, and what it was given for "
        "has fallen by less than the margin, by `{rule}`.",
        "ignored": "Its customer earned `{earned}`{because}, but here nobody's tier counts: "
        "everybody is `{tier}`.",
        "scenario": "The situation is `{scenario}`{because}.",
        "facts": "Derived from what is known: {facts}.",
        "fact": "`{name}` is {value}",
        "drawn": " (drawn: {draw} of 100)",
        "plan": "So plan `{plan}` applies; it is at step {step}.",
        "fallback": "No step of plan `{plan}` may take it, so the fallback lane does.",
        "passed": "Step {step}, lane `{lane}`, was passed over: {reason}.",
        "floors": "Bottom lines that apply: {rows}.",
        "compliance": "Compliance that applies: {rows}.",
        "promise": "Promised: {times}. Priority {priority}.",
        "no promise": "No time is promised. Priority {priority}.",
        "answer": "an answer within {time}",
        "start": "a start within {time}",
        "resolve": "a solution within {time}",
        "working": "{time} of working time (calendar `{calendar}`)",
        "due": "{keys}, that is by {due}",
        "least": " or ",
        "held": "Rows that held: {rows}.",
        "tried": "Looked at in `{of}` and not met: {rows}.",
        "by": "{rows} because of `{about}`",
        "numbers": "row {rows}",
        "more": "{number} more",
        "no row": "No row fits, or what they ask for is not known: {sets}.",
        "masked": "Read but not shown: {paths}.",
        "fault": "Note: {text}.",
        "truncated": "Left out of the record for its size: {number}.",
        "rule": ", by the row `{rule}`",
        "default": ", as no row says otherwise",
        "yes": "yes",
        "no": "no",
        "name": "`{name}`",
        "join": ", ",
        "and": "; ",
    },
    "zh": {
        "lane": "联络「{contact}」进入通道「{lane}」（{kind}），由「{desk}」受理{advisor}。",
        "advisor": "，交给顾问「{advisor}」",
        "again": "联络的情况有变，因此重新作了决定。",
        "tier": "客户等级为「{tier}」{because}。",
        "kept": "客户等级为「{tier}」：目前没有一行给出该等级，但此前曾达到，"
        "按「{rule}」在期限内保留。",
        "margin": "客户等级为「{tier}」：此前曾达到，所依据的数值虽有下降，"
        "但未超出「{rule}」的余量。",
        "ignored": "客户本来达到「{earned}」{because}，但这种情形不论等级，一律按「{tier}」。",
        "scenario": "情形为「{scenario}」{because}。",
        "facts": "由已知情况推定：{facts}。",
        "fact": "「{name}」为{value}",
        "drawn": "（抽取值 {draw}，满分 100）",
        "plan": "因此采用方案「{plan}」，处于第 {step} 步。",
        "fallback": "方案「{plan}」中没有一步可以受理，转入兜底通道。",
        "passed": "第 {step} 步的通道「{lane}」被跳过：{reason}。",
        "floors": "适用的底线：{rows}。",
        "compliance": "适用的合规要求：{rows}。",
        "promise": "承诺：{times}。优先级 {priority}。",
        "no promise": "没有时限承诺。优先级 {priority}。",
        "answer": "{time}内应答",
        "start": "{time}内开始处理",
        "resolve": "{time}内解决",
        "working": "{time}工作时间（按日历「{calendar}」）",
        "due": "{keys}，即不晚于 {due}",
        "least": "或",
        "held": "成立的规则：{rows}。",
        "tried": "「{of}」中逐条看过而不成立的：{rows}。",
        "by": "{rows}（因「{about}」）",
        "numbers": "第 {rows} 行",
        "more": "另外 {number} 行",
        "no row": "没有一行相符，或所问的内容未知：{sets}。",
        "masked": "参与判断但不予显示：{paths}。",
        "fault": "注意：{text}。",
        "truncated": "因记录大小所限而略去：{number} 项。",
        "rule": "，依据规则「{rule}」",
        "default": "，没有规则另作规定",
        "yes": "是",
        "no": "否",
        "name": "「{name}」",
        "join": "、",
        "and": "；",
    },
}
UNITS: Final = {
    "en": ((86_400, "{} d"), (3_600, "{} h"), (60, "{} min"), (1, "{} s")),
    "zh": ((86_400, "{}天"), (3_600, "{}小时"), (60, "{}分钟"), (1, "{}秒")),
}

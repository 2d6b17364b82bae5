"""The words of the page in its languages."""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "zh")

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "policy": "Policy", "revision": "Revision", "as of": "As of",
        "ways": "The ways contacts take",
        "ways intro": "From left to right: who the customer counts as, what the situation is, the "
        "plan, and the lanes it tries in order. The plans are asked by their numbers; the first "
        "that holds takes the contact, the first step that may take it gives the lane.",
        "desk": "Desk", "tier": "Tier", "scenario": "Situation", "plan": "Plan", "lane": "Lane",
        "any tier": "every tier", "any scenario": "any situation", "all but": "{all} but {but}", "fallback": "fallback",
        "tier does not count": "the tier does not count here",
        "tiers": "Who counts as what",
        "tiers intro": "The highest tier that any row gives. Who is unknown, or given none, is {default}.",
        "keep": "A tier once reached is kept for {time} after it was last earned.",
        "keep until": "A tier once reached is kept until the time in {field}.",
        "margin": "A step of {set} once reached is lost only below {share} of it.",
        "facts": "What is derived first",
        "facts intro": "Named values that the rows below ask for. The first row that holds gives the value.",
        "scenarios": "What the situation is",
        "first intro": "The first row that holds counts.",
        "ignore": "In these situations nobody's tier counts, everybody is {default}: {names}.",
        "promises": "What is promised",
        "floors": "Bottom lines",
        "floors intro": "Every row that holds binds, the strictest counts, and nothing else can go below it.",
        "compliance": "What must be kept",
        "compliance intro": "Every row that holds binds; a lane that cannot keep it does not take the contact.",
        "serving": "What those who serve are told",
        "serving intro": "Every row that holds; the first to name a thing keeps it.",
        "priorities": "How soon",
        "priorities intro": "The first row that holds counts; a higher number is served sooner.",
        "plans": "Plans, step by step",
        "lanes": "Lanes and desks",
        "calendars": "Opening hours",
        "cases": "Examples",
        "cases intro": "These must hold as long as the policy does; they are tried at every change.",
        "rule": "row", "when": "when", "then": "then", "default": "otherwise", "value": "value",
        "step": "step", "kind": "kind", "channels": "channels", "abilities": "can, scripts, identity",
        "told": "is told", "example": "example", "given": "given", "expected": "must come out",
        "why": "because", "gives": "gives", "name": "name", "days": "days", "hours": "hours",
        "all channels": "all", "closed": "closed", "always": "always",
        "standard": "standard queue", "priority": "priority lane", "dedicated": "dedicated advisor",
        "selfservice": "self-service", "outside": "assigned by another system",
        "managed": "assigned by tierlane",
        "answer": "answered within {time}", "start": "started within {time}",
        "resolve": "settled within {time}", "working": "{time} of working time",
        "no promise": "nothing is promised", "go priority": "priority", "any": "any", "after": "after {time}", "yes": "yes", "no": "no", "at least priority": "priority at least {number}",
        "never": "never {kinds}", "can": "the lane can {names}", "one script": "one of the scripts {names}",
        "identity": "identification {number} or more", "retain": "the record is kept for {time}",
        "carry": "{name} of the customer goes along", "grows": "{start}, and {by} more every {every}",
        "up to": "at most {to}", "credit": "counts as having waited {time}",
        "sets priority": "priority becomes {priority}", "who": "served by one where {wants}",
        "prefer": "rather one where {wants}", "borrow": "also by advisors of {names}",
        "until": "until {time} after arrival", "before answer": "until {time} before the promised answer",
        "for": "for {time}", "skip": "passed over if {what}", "finally": "At the end: {what}",
        "close": "closed with the message {name}", "go plan": "on with plan {name}",
        "last": "after {time}", "step when": "only when {what}",
        "unknown customer": "an unknown customer", "years": "{number} years",
        "join": ", ", "stop": ". ", "and": " and ", "or": " or ", "semicolon": "; ",
        "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
        "share": "{share} % of contacts, drawn by their id", "masked": "Never shown in the audit",
        "masked intro": "These fields may decide, but only a keyed digest of them is kept: {names}.",
        "contents": "Contents", "where fallback": "Where no step may take a contact: {lane}.",
        "passed": "step {step} passed over: {reason}", "errors": "errors",
    },
    "zh": {
        "policy": "策略", "revision": "版本", "as of": "日期",
        "ways": "联络的去向",
        "ways intro": "从左到右：客户算作哪一等级、属于哪种情形、采用哪个方案、依次尝试哪些通道。方案按编号逐个询问，第一个成立的方案接手；方案中第一个可以受理的步骤给出通道。",
        "desk": "服务台", "tier": "等级", "scenario": "情形", "plan": "方案", "lane": "通道",
        "any tier": "所有等级", "any scenario": "任何情形", "all but": "除{but}外的{all}", "fallback": "兜底",
        "tier does not count": "此时不论等级",
        "tiers": "客户等级",
        "tiers intro": "各行给出的等级中取最高者。未知客户或没有一行给出等级时为{default}。",
        "keep": "达到过的等级自最近一次达标起保留{time}。",
        "keep until": "达到过的等级保留到{field}所写的时间。",
        "margin": "{set}的台阶达到后，低于其{share}才会失去。",
        "facts": "先行推定的事实",
        "facts intro": "供后面各行询问的命名值。第一条成立的规则给出其值。",
        "scenarios": "情形的判定",
        "first intro": "以第一条成立的规则为准。",
        "ignore": "以下情形不论等级，一律按{default}：{names}。",
        "promises": "时限承诺",
        "floors": "底线",
        "floors intro": "成立的每一条都有约束力，以最严者为准，其他规则不得低于它。",
        "compliance": "合规要求",
        "compliance intro": "成立的每一条都有约束力；做不到的通道不受理该联络。",
        "serving": "给服务人员的提示",
        "serving intro": "成立的每一条都生效；同一事项以先写者为准。",
        "priorities": "先后次序",
        "priorities intro": "以第一条成立的规则为准；数值越高越先服务。",
        "plans": "方案步骤",
        "lanes": "通道与服务台",
        "calendars": "营业时间",
        "cases": "示例",
        "cases intro": "只要策略有效，这些示例就必须成立；每次修改都会重新检验。",
        "rule": "规则", "when": "条件", "then": "结果", "default": "其他情况", "value": "取值",
        "step": "步骤", "kind": "类型", "channels": "渠道", "abilities": "能力、话术、身份核验",
        "told": "提示", "example": "示例", "given": "已知", "expected": "应得出",
        "why": "依据", "gives": "给出", "name": "名称", "days": "日期", "hours": "时段",
        "all channels": "全部", "closed": "休息", "always": "总是",
        "standard": "标准队列", "priority": "优先通道", "dedicated": "专属顾问",
        "selfservice": "自助服务", "outside": "由现有系统分派", "managed": "由 tierlane 分派",
        "answer": "{time}内应答", "start": "{time}内开始处理", "resolve": "{time}内解决",
        "working": "{time}工作时间", "no promise": "没有时限承诺",
        "go priority": "优先级", "any": "任意", "after": "{time}后", "yes": "是", "no": "否", "at least priority": "优先级不低于 {number}", "never": "不得进入{kinds}",
        "can": "通道须能{names}", "one script": "须有话术{names}之一",
        "identity": "身份核验不低于 {number} 级", "retain": "记录保存{time}",
        "carry": "附上客户的{name}", "grows": "{start}，每 {every} 加 {by}", "up to": "最高 {to}",
        "credit": "视同已等待{time}", "sets priority": "优先级改为 {priority}",
        "who": "由符合以下条件的顾问服务：{wants}", "prefer": "优先选择：{wants}",
        "borrow": "也可由{names}的顾问服务", "until": "到达后{time}为止",
        "before answer": "到承诺应答前{time}为止", "for": "持续{time}", "skip": "若{what}则跳过",
        "finally": "最后：{what}", "close": "以消息{name}结束", "go plan": "转入方案{name}",
        "last": "{time}之后", "step when": "仅当{what}",
        "unknown customer": "未知客户", "years": "{number}年",
        "join": "、", "stop": "。", "and": "，且", "or": "或", "semicolon": "；",
        "weekday": "星期一,星期二,星期三,星期四,星期五,星期六,星期日",
        "share": "{share}% 的联络，按其编号抽取", "masked": "审计中不予显示",
        "masked intro": "这些字段可以参与判断，但只保留带密钥的摘要：{names}。",
        "contents": "目录", "where fallback": "没有一步可以受理时：{lane}。",
        "passed": "第 {step} 步被跳过：{reason}", "errors": "错误",
    },
}  # fmt: skip
"""What stands on the page beside the policy's own words."""

UNITS: Final = {
    "en": (("d", " d"), ("h", " h"), ("m", " min"), ("s", " s"), ("ms", " ms")),
    "zh": (("d", "天"), ("h", "小时"), ("m", "分钟"), ("s", "秒"), ("ms", "毫秒")),
}
_SIZES: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def duration(ms: int, language: str) -> str:
    """Return a duration as people say it: `2 d`, `1 h 30 min`."""
    parts = []
    for unit, said in UNITS[language]:
        count, ms = divmod(ms, _SIZES[unit])
        if count:
            parts.append(f"{count}{said}")
    return (" " if language == "en" else "").join(parts) or f"0{UNITS[language][3][1]}"


def value(text: str, language: str) -> str:
    """Return the policy's own word set apart from the page's."""
    return f"`{text.replace('`', chr(39))}`" if language == "en" else f"「{text}」"

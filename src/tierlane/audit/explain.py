"""Decisions in words: what an audit record says, for somebody who keeps a service and no program.

It reads the `data` of a `decided` record alone, so that it explains what was kept and nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final

LANGUAGES: Final = ("en", "zh")
NOWHERE: Final[Mapping[str, str]] = {}

_KINDS: Final = {
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
_REASONS: Final = {
    "en": {
        "channel": "it does not serve this channel",
        "closed": "its desk is closed at that time",
        "identity": "the customer is not identified strongly enough",
        "who.missing": "no advisor is known to be this customer's",
    },
    "zh": {
        "channel": "不受理这一渠道",
        "closed": "此时不在该服务台的营业时间内",
        "identity": "客户身份核验强度不够",
        "who.missing": "该客户没有已知的专属顾问",
    },
}
_FAULTS: Final = {
    "en": {
        "wrong_type": "{at} is not of the type the policy states and was not used",
        "unknown_value": "{at} has a value the policy does not know",
        "missing_profile": "the customer has no profile",
        "unknown_customer": "the customer is not known",
        "no_working_time": "the working time of {at} does not come within ten years",
        "condition": "a condition of {at} could not be answered and counts as not met",
        "internal": "deciding failed ({detail}), so the fallback lane takes the contact",
    },
    "zh": {
        "wrong_type": "{at} 的类型与策略声明不符,未采用",
        "unknown_value": "{at} 的取值不在策略所列范围内",
        "missing_profile": "没有该客户的档案",
        "unknown_customer": "客户身份未知",
        "no_working_time": "{at} 所承诺的工作时间在十年内不会到来",
        "condition": "{at} 的条件无法判断,按不成立处理",
        "internal": "决策过程出错({detail}),按策略转入兜底通道",
    },
}
_TEXT: Final = {
    "en": {
        "lane": "Contact {contact} goes to lane `{lane}` ({kind}) at desk `{desk}`{advisor}.",
        "advisor": ", to the advisor `{advisor}`",
        "tier": "Its customer counts as `{tier}`{because}.",
        "ignored": "Its customer earned `{earned}`{because}, but here nobody's tier counts: "
        "everybody is `{tier}`.",
        "scenario": "The situation is `{scenario}`{because}.",
        "plan": "So plan `{plan}` applies; it is at step {step}.",
        "fallback": "No step of plan `{plan}` may take it, so the fallback lane does.",
        "passed": "Step {step}, lane `{lane}`, was passed over: {reason}.",
        "promise": "Promised: {times}. Priority {priority}.",
        "no promise": "No time is promised. Priority {priority}.",
        "answer": "an answer within {time}",
        "start": "a start within {time}",
        "resolve": "a solution within {time}",
        "working": "{time} of working time (calendar `{calendar}`)",
        "due": "{keys}, that is by {due}",
        "least": " or ",
        "held": "Rows that held: {rows}.",
        "masked": "Read but not shown: {paths}.",
        "fault": "Note: {text}.",
        "rule": ", by the row `{rule}`",
        "default": ", as no row says otherwise",
        "binds": "the row `{rule}` forbids it",
        "join": ", ",
    },
    "zh": {
        "lane": "联络 {contact} 进入通道「{lane}」({kind}),由「{desk}」受理{advisor}。",
        "advisor": ",交给顾问「{advisor}」",
        "tier": "客户等级为「{tier}」{because}。",
        "ignored": "客户本来达到「{earned}」{because},但这种情形不论等级,一律按「{tier}」。",
        "scenario": "情形为「{scenario}」{because}。",
        "plan": "因此采用方案「{plan}」,处于第 {step} 步。",
        "fallback": "方案「{plan}」中没有一步可以受理,转入兜底通道。",
        "passed": "第 {step} 步的通道「{lane}」被跳过:{reason}。",
        "promise": "承诺:{times}。优先级 {priority}。",
        "no promise": "没有时限承诺。优先级 {priority}。",
        "answer": "{time}内应答",
        "start": "{time}内开始处理",
        "resolve": "{time}内解决",
        "working": "{time}工作时间(按日历「{calendar}」)",
        "due": "{keys},即不晚于 {due}",
        "least": "或",
        "held": "成立的规则:{rows}。",
        "masked": "参与判断但不予显示:{paths}。",
        "fault": "注意:{text}。",
        "rule": ",依据规则「{rule}」",
        "default": ",没有规则另作规定",
        "binds": "规则「{rule}」不允许",
        "join": "、",
    },
}
_UNITS: Final = {
    "en": ((86_400, "{} d"), (3_600, "{} h"), (60, "{} min"), (1, "{} s")),
    "zh": ((86_400, "{}天"), (3_600, "{}小时"), (60, "{}分钟"), (1, "{}秒")),
}


def explain(
    audit: Mapping[str, Any], language: str = "en", origins: Mapping[str, str] = NOWHERE
) -> str:
    """Return sentences, one a line, for the `data` of a `decided` record; `language` en or zh.

    `origins` names, by row, the file and line of rows that a policy has from what it extends.
    """
    text = _TEXT[language]
    audit = _told(audit, origins)
    lines = [_lane(audit, language), _tier(audit, text), _scenario(audit, text)]
    lines += [_passed(one, language) for one in audit["considered"].get("lanes", ())]
    plan = "fallback" if audit["step"] == "fallback" else "plan"
    lines.append(text[plan].format(plan=audit["plan"], step=audit["step"]))
    lines.append(_promise(audit, language))
    if audit["because"]:
        rows = text["join"].join(audit["because"])
        lines.append(text["held"].format(rows=rows))
    if audit.get("masked"):
        lines.append(text["masked"].format(paths=text["join"].join(audit["masked"])))
    lines += [text["fault"].format(text=_fault(one, language)) for one in audit["errors"]]
    return "\n".join(lines)


def _told(audit: Mapping[str, Any], origins: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the record with the origin behind the name of each row that has one."""
    if not origins:
        return audit

    def told(row: str) -> str:
        return f"{row} ({origins[row]})" if row in origins else row

    lanes = [{**one, "reason": told(one["reason"])} for one in audit["considered"].get("lanes", ())]
    return {
        **audit,
        **{key: {**audit[key], "rule": told(audit[key]["rule"])} for key in ("tier", "scenario")},
        "because": [told(row) for row in audit["because"]],
        "considered": {**audit["considered"], "lanes": lanes},
    }


def _lane(audit: Mapping[str, Any], language: str) -> str:
    text = _TEXT[language]
    advisor = text["advisor"].format(advisor=audit["advisor"]) if audit.get("advisor") else ""
    kind = _KINDS[language].get(audit["lane_kind"], audit["lane_kind"])
    return text["lane"].format(
        contact=audit["contact_id"],
        lane=audit["lane"],
        kind=kind,
        desk=audit["desk"],
        advisor=advisor,
    )


def _because(rule: str, text: Mapping[str, str]) -> str:
    return text["default"] if rule.endswith("/default") else text["rule"].format(rule=rule)


def _tier(audit: Mapping[str, Any], text: Mapping[str, str]) -> str:
    tier = audit["tier"]
    because = _because(tier["rule"], text)
    if "earned" in tier:
        return text["ignored"].format(earned=tier["earned"], because=because, tier=tier["name"])
    return text["tier"].format(tier=tier["name"], because=because)


def _scenario(audit: Mapping[str, Any], text: Mapping[str, str]) -> str:
    scenario = audit["scenario"]
    because = _because(scenario["rule"], text)
    return text["scenario"].format(scenario=scenario["name"], because=because)


def _passed(one: Mapping[str, Any], language: str) -> str:
    reason = one["reason"]
    known = _REASONS[language].get(reason)
    if known is None:
        binds = reason.startswith(("floors/", "compliance/"))
        known = _TEXT[language]["binds"].format(rule=reason) if binds else f"`{reason}`"
    return _TEXT[language]["passed"].format(step=one["step"], lane=one["lane"], reason=known)


def _promise(audit: Mapping[str, Any], language: str) -> str:
    text, priority = _TEXT[language], f"{audit['priority']:g}"
    due = audit.get("due", {})
    times = [_promised(key, one, due, language) for key, one in audit["promise"].items()]
    if not times:
        return text["no promise"].format(priority=priority)
    return text["promise"].format(times=text["join"].join(times), priority=priority)


def _promised(key: str, promised: Any, due: Mapping[str, Any], language: str) -> str:
    """Tell one promise; where working time binds, all that binds and the moment that makes."""
    text = _TEXT[language]
    bounds = promised if isinstance(promised, list) else [promised]
    told = text[key].format(time=text["least"].join(_bound(one, language) for one in bounds))
    return text["due"].format(keys=told, due=due[key]) if due.get(key) else told


def _bound(one: Any, language: str) -> str:
    if not isinstance(one, dict):
        return _time(one, language)
    time = _time(one["working"], language)
    return _TEXT[language]["working"].format(time=time, calendar=one["calendar"])


def _time(seconds: float, language: str) -> str:
    for size, unit in _UNITS[language]:
        if seconds >= size and seconds % size == 0:
            return unit.format(f"{seconds // size:g}")
    return _UNITS[language][-1][1].format(f"{seconds:g}")


def _fault(one: Mapping[str, Any], language: str) -> str:
    known = _FAULTS[language].get(one["error"])
    at, detail = one["at"], one.get("detail", "")
    return known.format(at=at, detail=detail) if known else f"{one['error']} ({at})"

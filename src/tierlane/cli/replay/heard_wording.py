"""The words in which `tierlane replay feedback` tells what it found, in its languages."""

from collections.abc import Mapping
from typing import Final

from tierlane.replay.feedback.feedback import NOTE

Words = Mapping[str, str]

HEARD: Final[Mapping[str, Words]] = {
    "en": {
        "score": "mark", "resolved": "resolved, says the customer",
        "settled": "resolved, says the advisor", "promise_kept": "promised answer kept",
        "gave_up": "gave up", "wait": "mean wait, s",
        "contacts": "{contacts:,} contacts and the rows of {policy}, {how}",
        "anew": "decided anew: the source has no audit", "audited": "by the audit's decisions",
        "known": "known of: {known}", "nothing": "nothing", "join": ", ",
        "waiting": "{number:,} contacts were neither answered nor over by the end of the record: promises past their time count as broken",
        "other_revisions": "{number:,} contacts were decided by other revisions: their rows count by name",
        "unexplained": "{number:,} decisions are too long for their audit to name rows",
        "strays": "{number:,} outcomes are of contacts whose decision is not in the window",
        "differ": "{called} of {tested:,} comparisons differ; of these {rate:.0%} would be false, on average. {few:,} more have fewer than {fewest} contacts on a side",
        "rule": "rule", "among": "among", "others": "others", "better": "better", "worse": "worse",
        "same": "and {number} of the same contacts", "more rules": "and {number:,} more: --format json, --out",
        "all fired": "every row of the policy held for somebody", "silent": "{silent} of {rows} rows held for nobody:",
        "none missed": "no row's promised answers are surely kept less often than {goal:.0%}",
        "missed": "promised answers that are surely kept less often than {goal:.0%}, by row:",
        "kept of": "{rule}: {kept} of {number:,}", "more missed": "and {number:,} more",
        "all": "all", "tier": "tier", "scenario": "scenario", "lane": "lane", "channel": "channel", "advisor": "advisor",
        "note": NOTE,
    },
    "zh": {
        "score": "评分", "resolved": "客户称已解决", "settled": "顾问称已解决", "promise_kept": "按承诺应答",
        "gave_up": "放弃", "wait": "平均等待（秒）",
        "contacts": "{contacts:,} 个联络与 {policy} 的规则，{how}",
        "anew": "来源中没有审计记录，决定是重新作出的", "audited": "依据审计中的决定",
        "known": "已知：{known}", "nothing": "无", "join": "、",
        "waiting": "{number:,} 个联络到记录结束时既未应答也未结束：过期的承诺算作落空",
        "other_revisions": "{number:,} 个联络由其他版本决定：其规则按名称对应",
        "unexplained": "{number:,} 个决定过长，审计未列出规则",
        "strays": "{number:,} 个结果所属联络的决定不在时间窗内",
        "differ": "{tested:,} 次比较中有 {called} 次不同；其中平均 {rate:.0%} 是误判。另有 {few:,} 次比较的一方不足 {fewest} 个联络",
        "rule": "规则", "among": "范围", "others": "其他", "better": "更好", "worse": "更差",
        "same": "另有 {number} 条涉及同样的联络", "more rules": "另有 {number:,} 条：--format json、--out",
        "all fired": "策略的每一行都曾对某人成立", "silent": "{rows} 行中有 {silent} 行从未成立：",
        "none missed": "没有哪一行的承诺应答确实低于 {goal:.0%}",
        "missed": "承诺应答确实低于 {goal:.0%} 的各行：",
        "kept of": "{rule}：{number:,} 次中的 {kept}", "more missed": "另有 {number:,} 行",
        "all": "全部", "tier": "等级", "scenario": "情形", "lane": "通道", "channel": "渠道", "advisor": "顾问",
        "note": "相关而非因果：规则本身挑选联络，这些联络的不同可能不止于规则",
    },
}  # fmt: skip
"""Measures, verdicts and what contacts are told apart by stand under their own names."""

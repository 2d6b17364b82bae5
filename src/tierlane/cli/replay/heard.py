"""What `tierlane replay feedback` prints: rules that serve well or badly, and silent ones."""

from collections.abc import Sequence
from typing import Final

import click

from tierlane.replay.feedback.feedback import NOTE, Feedback
from tierlane.replay.feedback.interval import Interval
from tierlane.replay.feedback.tally import FEWEST, RATE, Comparison

SHOWN: Final = 20
"""Rows of the first table; JSON and Parquet have all."""

_WORDS: Final = {
    "score": "mark",
    "resolved": "resolved, says the customer",
    "settled": "resolved, says the advisor",
    "promise_kept": "promised answer kept",
    "gave_up": "gave up",
    "wait": "mean wait, s",
}
"""Measure → what it is called in the table."""


def print_feedback(found: Feedback) -> None:
    """Print what was found."""
    for text in _head(found):
        click.echo(text)
    _rules(found)
    _silent(found)
    _missed(found)
    click.echo(f"\n{NOTE}")


def _head(found: Feedback) -> list[str]:
    how = "decided anew: the source has no audit" if found.anew else "by the audit's decisions"
    said = [f"{found.contacts:,} contacts and the rows of {found.policy}, {how}"]
    known = [f"{_WORDS[name]} {count:,}" for name, count in found.told if count]
    said.append("known of: " + (", ".join(known) or "nothing"))
    if found.waiting:
        said.append(
            f"{found.waiting:,} contacts were neither answered nor over by the end of the record: "
            "promises past their time count as broken"
        )
    if found.other_revisions:
        said.append(
            f"{found.other_revisions:,} contacts were decided by other revisions: their rows count "
            "by name"
        )
    if found.unexplained:
        said.append(f"{found.unexplained:,} decisions are too long for their audit to name rows")
    if found.strays:
        said.append(
            f"{found.strays:,} outcomes are of contacts whose decision is not in the window"
        )
    return said


def _rules(found: Feedback) -> None:
    called = found.called
    tested = sum(one.rate is not None for one in found.comparisons)
    few = sum(one.verdict == "few" for one in found.comparisons)
    click.echo(
        f"\n{len(called)} of {tested:,} comparisons differ; of these {RATE:.0%} would be false, on "
        f"average. {few:,} more have fewer than {FEWEST} contacts on a side"
    )
    if not called:
        return
    distinct = _distinct(called)
    shown = [many[0] for many in distinct[:SHOWN]]
    rule = max(len("rule"), *(len(one.rule) for one in shown))
    segment = max(len("among"), *(len(_segment(one)) for one in shown))
    click.echo(
        f"{'':<7} {'rule':<{rule}}  {'among':<{segment}}  {'':<27} {'':>27} {'others':>9} {'q':>7}"
    )
    for one, many in zip(shown, distinct, strict=False):
        others = "·" if one.others is None else _figure(one.measure, one.others.value)
        click.echo(
            f"{one.verdict:<7} {one.rule:<{rule}}  {_segment(one):<{segment}}  "
            f"{_WORDS[one.measure]:<27} {_spread(one.measure, one.rules):>27} {others:>9} "
            f"{one.rate:>7.1g}" + (f"  and {len(many) - 1} of the same contacts" * (len(many) > 1))
        )
    if len(distinct) > SHOWN:
        click.echo(f"and {len(distinct) - SHOWN:,} more: --format json, --out")


def _distinct(called: Sequence[Comparison]) -> list[list[Comparison]]:
    """Return the comparisons, those together that are of the same contacts by another name."""
    found: dict[object, list[Comparison]] = {}
    for one in called:
        found.setdefault((one.measure, one.rules, one.others), []).append(one)
    return list(found.values())


def _silent(found: Feedback) -> None:
    silent = found.silent
    if not silent:
        click.echo("\nevery row of the policy held for somebody")
        return
    click.echo(f"\n{len(silent)} of {len(found.fired)} rows held for nobody:")
    for row in silent:
        click.echo(f"  {row.place.source}:{row.place.line}: {row.kind} `{row.name}`")


def _missed(found: Feedback) -> None:
    if not found.missed:
        click.echo(f"\nno row's promised answers are surely kept less often than {found.goal:.0%}")
        return
    click.echo(f"\npromised answers that are surely kept less often than {found.goal:.0%}, by row:")
    for one in found.missed[:SHOWN]:
        kept = _spread("promise_kept", one.kept)
        click.echo(f"  {one.rule}: {kept} of {one.kept.samples:,}")
    if len(found.missed) > SHOWN:
        click.echo(f"  and {len(found.missed) - SHOWN:,} more")


def _segment(one: Comparison) -> str:
    return "all" if one.by == "all" else f"{one.by} {one.value}"


def _spread(measure: str, one: Interval) -> str:
    text = _figure(measure, one.value)
    if one.low is None or one.high is None:
        return text
    return f"{text} [{_figure(measure, one.low)}, {_figure(measure, one.high)}]"


def _figure(measure: str, value: float) -> str:
    if measure == "wait":
        return f"{value:,.1f}"
    return f"{value:.2f}" if measure == "score" else f"{value:.1%}"

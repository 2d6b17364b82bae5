"""What `tierlane replay feedback` prints: rules that serve well or badly, and silent ones."""

from collections.abc import Sequence
from typing import Final

import click
from rich.cells import cell_len

from tierlane.cli.replay.heard_wording import HEARD, Words
from tierlane.replay.feedback.feedback import Feedback
from tierlane.replay.feedback.interval import Interval
from tierlane.replay.feedback.tally import FEWEST, RATE, Comparison

SHOWN: Final = 20
"""Rows of the first table; JSON and Parquet have all."""
_MINDED: Final = ("waiting", "other_revisions", "unexplained", "strays")
"""Counts that are told where they are not 0."""
_RIGHT: Final = (False, False, False, False, True, True, True)
"""Which columns stand to the right."""


def print_feedback(found: Feedback, language: str = "en") -> None:
    """Print what was found, in a language of `HEARD`."""
    words = HEARD[language]
    for text in _head(found, words):
        click.echo(text)
    _rules(found, words)
    _silent(found, words)
    _missed(found, words)
    click.echo(f"\n{words['note']}")


def _head(found: Feedback, words: Words) -> list[str]:
    how = words["anew" if found.anew else "audited"]
    said = [words["contacts"].format(contacts=found.contacts, policy=found.policy, how=how)]
    known = [f"{words[name]} {count:,}" for name, count in found.told if count]
    said.append(words["known"].format(known=words["join"].join(known) or words["nothing"]))
    counts = {name: getattr(found, name) for name in _MINDED}
    return [*said, *(words[name].format(number=count) for name, count in counts.items() if count)]


def _rules(found: Feedback, words: Words) -> None:
    called = found.called
    counts = {
        "called": len(called),
        "tested": sum(one.rate is not None for one in found.comparisons),
        "few": sum(one.verdict == "few" for one in found.comparisons),
    }
    click.echo("\n" + words["differ"].format(**counts, rate=RATE, fewest=FEWEST))
    if called:
        _table(_distinct(called), words)


def _table(distinct: Sequence[Sequence[Comparison]], words: Words) -> None:
    head = ("", words["rule"], words["among"], "", "", words["others"], "q")
    rows = [_row(many[0], words) for many in distinct[:SHOWN]]
    wide = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    for row, alike in zip((head, *rows), (0, *(len(one) - 1 for one in distinct)), strict=False):
        line = "  ".join(_cell(*one) for one in zip(row, wide, _RIGHT, strict=True))
        more = "  " + words["same"].format(number=alike) if alike else ""
        click.echo((line + more).rstrip())
    if len(distinct) > SHOWN:
        click.echo(words["more rules"].format(number=len(distinct) - SHOWN))


def _row(one: Comparison, words: Words) -> tuple[str, ...]:
    others = "·" if one.others is None else _figure(one.measure, one.others.value)
    return (
        words[one.verdict], one.rule, _segment(one, words), words[one.measure],
        _spread(one.measure, one.rules), others, f"{one.rate:.1g}",
    )  # fmt: skip


def _cell(text: str, wide: int, right: bool) -> str:
    """Return a text filled up to a width in columns of the terminal; a Chinese sign takes two."""
    space = " " * (wide - cell_len(text))
    return space + text if right else text + space


def _distinct(called: Sequence[Comparison]) -> list[list[Comparison]]:
    """Return the comparisons, those together that are of the same contacts by another name."""
    found: dict[object, list[Comparison]] = {}
    for one in called:
        found.setdefault((one.measure, one.rules, one.others), []).append(one)
    return list(found.values())


def _silent(found: Feedback, words: Words) -> None:
    silent = found.silent
    if not silent:
        click.echo("\n" + words["all fired"])
        return
    click.echo("\n" + words["silent"].format(silent=len(silent), rows=len(found.fired)))
    for row in silent:
        click.echo(f"  {row.place.source}:{row.place.line}: {row.kind} `{row.name}`")


def _missed(found: Feedback, words: Words) -> None:
    if not found.missed:
        click.echo("\n" + words["none missed"].format(goal=found.goal))
        return
    click.echo("\n" + words["missed"].format(goal=found.goal))
    for one in found.missed[:SHOWN]:
        kept = _spread("promise_kept", one.kept)
        click.echo(
            "  " + words["kept of"].format(rule=one.rule, kept=kept, number=one.kept.samples)
        )
    if len(found.missed) > SHOWN:
        click.echo("  " + words["more missed"].format(number=len(found.missed) - SHOWN))


def _segment(one: Comparison, words: Words) -> str:
    return words["all"] if one.by == "all" else f"{words[one.by]} {one.value}"


def _spread(measure: str, one: Interval) -> str:
    text = _figure(measure, one.value)
    if one.low is None or one.high is None:
        return text
    return f"{text} [{_figure(measure, one.low)}, {_figure(measure, one.high)}]"


def _figure(measure: str, value: float) -> str:
    if measure == "wait":
        return f"{value:,.1f}"
    return f"{value:.2f}" if measure == "score" else f"{value:.1%}"

"""`tierlane decide`: contacts from a file decided by a policy, without a broker."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from tierlane.audit.explain import LANGUAGES, NOWHERE, UNNAMED, explain
from tierlane.audit.mask import Mask
from tierlane.audit.record import TYPE, decided
from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.deciding.tightening import tightened
from tierlane.policy.form.document import Document
from tierlane.policy.form.finding import Report
from tierlane.policy.form.row import listed
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.whole import inherited
from tierlane.stream.policy_file import find_file, read_policy_file
from tierlane.value import format_time, parse_time

EXAMPLES: Final = """\b
Examples:
  tierlane decide --policy policy.yaml in.jsonl out.jsonl
  tierlane decide --policy policy.yaml in.jsonl --explain zh
  tierlane decide --policy policy.yaml decisions.jsonl --explain en
  echo '{"contact": {"contact_id": "k1", "channel": "chat"}, "profile": null,
         "now": "2026-03-02T20:14:05+08:00"}' | tierlane decide --policy policy.yaml

\b
A line is {"contact": …, "profile": … or null, "memory": … or absent, "now": …}; `contact` is the
data of an arrival, and `now` defaults to its `time`. Decisions come in the order of the lines.
With --explain a line may be an audit record that was kept: it is told, not decided anew.
Of events, as sample and import write them, make such lines with jq:
  jq -c 'select(.type == "tierlane.contact.arrived.v1") | {contact: .data, now: .time}'
"""

FOUND: Final = 1
"""Exit code when a line was refused."""


class Refused(Exception):
    """a line cannot be decided; its text tells the place, never the content"""


class _Explained(click.Command):
    """Takes the word after `--explain` as a language only when it is one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        following = (*args[1:], "")
        plain = [
            "--explain=en" if arg == "--explain" and after not in LANGUAGES else arg
            for arg, after in zip(args, following, strict=True)
        ]
        return super().parse_args(ctx, plain)


@click.command(cls=_Explained, epilog=EXAMPLES)
@click.option(
    "--policy", required=True, type=click.Path(path_type=Path), help="The policy's YAML file."
)
@click.option(
    "--explain",
    "language",
    type=click.Choice(LANGUAGES),
    metavar="[en|zh]",
    help="Write sentences in place of JSON, in English or Chinese.",
)
@click.option(
    "--mask-key",
    envvar="TIERLANE_MASK_KEY",
    show_envvar=True,
    default="",
    help="Keys the digests of masked inputs, 16 to 64 bytes; by default the policy's own digest.",
)
@click.argument("source", metavar="[IN]", default="-")
@click.argument("target", metavar="[OUT]", default="-")
def command(policy: Path, language: str | None, mask_key: str, source: str, target: str) -> int:
    """Decide contacts from a file, without a broker.

    Writes one audit record a line. A line that cannot be read gives {"line": n, "error": …} in
    its place, and the exit code is then 1.
    """
    _spare(source, target)
    text = read_policy_file(policy)
    revision = compile_policy(text, str(policy), find_file)
    mask = Mask(mask_key.encode() or hashlib.sha256(revision.hash.encode()).digest())
    desk = _Desk(revision, mask, "stdin" if source == "-" else source, language)
    if language is not None:
        desk.origins = inherited(text, str(policy), find_file)
        desk.document = read_document(text, str(policy), Report(), find_file)
        desk.names = listed(desk.document)
    with ExitStack() as stack:
        lines = stack.enter_context(click.open_file(source, "rb"))
        out = stack.enter_context(click.open_file(target, "wb"))
        for answer in desk.answers(_watched(lines, source, stack)):
            out.write(answer)
            out.write(b"\n")
    return FOUND if desk.refused else 0


class _Desk:
    """Decides line after line."""

    def __init__(self, revision: Revision, mask: Mask, source: str, language: str | None) -> None:
        self.revision, self.mask, self.source, self.language = revision, mask, source, language
        self.refused = 0
        self.origins: Mapping[str, str] = NOWHERE
        self.names: Mapping[str, tuple[str, ...]] = UNNAMED
        self.document: Document | None = None

    def answers(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """Yield one answer a line, so that answers and lines can be laid side by side."""
        for number, line in enumerate(lines, 1):
            try:
                yield self._decide(number, line)
            except Refused as error:
                self.refused += 1
                yield orjson.dumps({"line": number, "error": str(error)})

    def _decide(self, number: int, line: bytes) -> bytes:
        asked = _object(line)
        if asked.get("type") == TYPE and "specversion" in asked:
            return self._tell(_kept(asked))
        contact, profile, memory, now = _asked(asked)
        decision = self.revision.decide(contact, profile, memory, now)
        record = decided(
            decision,
            decision_id=f"decide.{number}",
            owner="decide",
            seq=number,
            contact_id=contact["contact_id"],
            at=now,
            seen=now,
            cause={"source": self.source, "line": number},
            mask=self.mask,
        )
        return record if self.language is None else self._tell(orjson.loads(record)["data"])

    def _tell(self, data: Mapping[str, Any]) -> bytes:
        """Return the sentences; rows are named where the policy at hand is the one that decided."""
        if self.language is None:
            raise Refused("an audit record; --explain tells it")
        ours = data.get("policy") == {"name": self.revision.name, "revision": self.revision.hash}
        origins, names = (self.origins, self.names) if ours else (NOWHERE, UNNAMED)
        try:
            document = self.document if ours else None
            stricter = UNNAMED if document is None else tightened(document, data)
            told = explain(data, self.language, origins, names=names, stricter=stricter)
        except (AttributeError, KeyError, TypeError, ValueError):  # written by hand, or cut
            raise Refused("an audit record that lacks what this release tells") from None
        return f"{told}\n".encode()


def _kept(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an audit record of a decision says; raises Refused for one of another kind."""
    data = record.get("data")
    if not isinstance(data, dict) or data.get("kind") != "decided":
        raise Refused("an audit record of no decision")
    return data


def _object(line: bytes) -> dict[str, Any]:
    """Return what a line holds; raises Refused."""
    if not line.strip():
        raise Refused("empty")
    try:
        asked = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Refused(f"not JSON, at character {error.pos}") from None
    if not isinstance(asked, dict):
        raise Refused("not an object")
    return asked


def _asked(
    asked: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None, int]:
    """Return contact, profile, memory and now of a line; raises Refused with the place."""
    contact = asked.get("contact")
    if contact is None and "specversion" in asked:
        raise Refused("contact: missing; of an event, `data` is the contact")
    if not isinstance(contact, dict):
        raise Refused("contact: missing" if contact is None else "contact: not an object")
    for key in ("contact_id", "channel"):
        value = contact.get(key)
        if not isinstance(value, str) or not value:
            raise Refused(f"contact.{key}: {'missing' if value is None else 'not text'}")
    for key in ("profile", "memory"):
        if not isinstance(asked.get(key), dict | None):
            raise Refused(f"{key}: not an object")
    return contact, asked.get("profile"), asked.get("memory"), _now(asked, contact)


def _now(asked: dict[str, Any], contact: dict[str, Any]) -> int:
    key, value = "now", asked.get("now")
    if value is None:
        key, value = "contact.time", contact.get("time")
    if value is None:
        raise Refused("now: missing, and contact.time too")
    try:
        now = value if type(value) is int else parse_time(value)
        format_time(now)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Refused(f"{key}: not a time with an offset") from None
    return now


def _spare(source: str, target: str) -> None:
    """Raise UsageError where writing the answers would empty the file they are made from."""
    if Path(source).is_file() and Path(target).exists() and Path(source).samefile(target):
        raise UsageError(f"`{target}` is read and would be lost", hint="give another OUT")


def _watched(lines: IO[bytes], source: str, stack: ExitStack) -> Iterator[bytes]:
    """Yield the lines; shows progress on a terminal when the input's size is known."""
    size = 0 if source == "-" else Path(source).stat().st_size
    console = Console(stderr=True)
    if not (size and console.is_terminal):
        yield from lines
        return
    columns = (TextColumn("deciding"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    bar = stack.enter_context(Progress(*columns, console=console, transient=True))
    task = bar.add_task("deciding", total=size)
    done = 0
    for number, line in enumerate(lines):
        done += len(line)
        if number % 500 == 0:
            bar.update(task, completed=done)
        yield line

"""What a report asks: policy A as it stands, and policy B as a file or a what-if says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.change import changes
from tierlane.policy.reading.overlay import gather
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.whole import whole
from tierlane.replay.feedback.feedback import Subject
from tierlane.replay.report.playing import Row
from tierlane.replay.report.supposition import PIECE, What, flow_of, what_if
from tierlane.replay.simulation.scene import Text
from tierlane.stream.policy_file import find_file, read_policy_file


@dataclass
class Question:
    """Both policies, read when they are first asked for; each raises PolicyError or UsageError."""

    policy: Path
    against: Path | None
    supposed: Sequence[str]
    staff_differs: bool
    """Whether B has another staff: then it may be policy A itself."""

    @cached_property
    def text_a(self) -> Text:
        """Policy A as written, merged with what it extends."""
        return _whole(read_policy_file(self.policy), str(self.policy))

    @cached_property
    def what(self) -> What | None:
        """What is supposed; None where B is a file of its own."""
        if not self.supposed:
            return None
        read_from = self.text_a
        document = read_document(read_from.text, read_from.source, Report())
        return what_if(self.supposed, document, self.policy.name)

    @cached_property
    def text_b(self) -> Text:
        """Policy B, merged; A itself where only the staff differs."""
        if self.what is not None:
            return _whole(self.what.overlay.encode(), str(self.policy.parent / PIECE))
        if self.against is not None:
            return _whole(read_policy_file(self.against), str(self.against))
        if not self.staff_differs:
            hint = '`--against FILE`, or `--what-if "gold waits at most 60s"`'
            raise UsageError("a report needs to be told what B is", hint=hint)
        return self.text_a

    @cached_property
    def a(self) -> Revision:
        """Policy A, compiled."""
        return self.text_a.compiled()

    @cached_property
    def b(self) -> Revision:
        """Policy B, compiled."""
        return self.text_b.compiled()

    @property
    def named(self) -> tuple[Row, Row]:
        """Name, revision and file of A and of B."""
        return _named(self.a, self.policy), _named(self.b, self.against or self.policy)

    @property
    def zone(self) -> str:
        """The time zone of policy A, by which the day of a seen staff is told."""
        return read_document(self.text_a.text, self.text_a.source, Report()).time_zone

    def subject(self) -> Subject:
        """Return policy A as outcomes are joined to its rows."""
        document = read_document(self.text_a.text, self.text_a.source, Report())
        return Subject.of(document, self.a)

    def changes(self) -> list[Row]:
        """Return what B says otherwise than A, row by row."""
        nodes = [gather(one.text, one.source, Report()) for one in (self.text_a, self.text_b)]
        return [
            {"address": one.address, "before": flow_of(one.before), "after": flow_of(one.after)}
            for one in changes(*nodes)
        ]

    def lanes(self) -> list[Row]:
        """Return the lanes of both."""
        found = {one.name: one for revision in (self.b, self.a) for one in revision.lanes}
        return [{"lane": one.name, "kind": one.kind, "desk": one.desk} for one in found.values()]

    def tiers(self) -> list[str]:
        """Return the tiers of both, the highest first."""
        return list(dict.fromkeys((*reversed(self.a.tiers.names), *reversed(self.b.tiers.names))))


def _whole(text: bytes, source: str) -> Text:
    """Return a policy that needs no other file; raises PolicyError where it cannot be used."""
    compile_policy(text, source, find_file)  # so that places are those of the files
    return Text(whole(text, source, find_file), source)


def _named(revision: Revision, path: Path) -> Row:
    return {"policy": revision.name, "revision": revision.hash, "source": str(path)}

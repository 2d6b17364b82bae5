"""Every timeline purely and on whole machines in memory: equal results, whatever is expected."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.four.stock import Piece, files, pieces, spoilt
from tests.four.ways import played, purely, seen
from tests.policy.test_timeline import PUBLISHED
from tierlane.replay.timeline.in_memory import InMemory
from tierlane.replay.timeline.replaying import replay_timeline
from tierlane.replay.timeline.script import Unsayable
from tierlane.routing.dispatch import Dispatch
from tierlane.stream.murmur import place

PIECES = list(pieces(files()))


@pytest.mark.parametrize("piece", PIECES, ids=lambda one: one.name)
def test_whole_machines_make_of_a_timeline_what_the_pure_desk_does(piece: Piece) -> None:
    assert played(piece, InMemory(place)) == purely(piece)


@pytest.mark.parametrize("piece", PIECES, ids=lambda one: one.name)
def test_its_record_says_the_same_though_all_begin_again_at_each_step(piece: Piece) -> None:
    backend = InMemory(place, restarts=True)
    expected = purely(piece)
    assert played(piece, backend) == expected
    subject = piece.subject
    about = (subject.revision, spoilt(piece.case), backend.log, backend.terms, subject.published)
    result, verdict = replay_timeline(*about)
    assert sum(verdict.compared.values()) > 0
    assert verdict.differences == []
    assert verdict.unproven == verdict.beyond == 0
    assert seen(piece, result.differences) == expected


def named(begins: str) -> Piece:
    (found,) = [one for one in PIECES if one.case.name.startswith(begins)]
    return found


def test_a_machine_that_keeps_something_to_itself_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    piece = named("EX-35 nothing is heard")
    monkeypatch.setattr(Dispatch, "notice", lambda *_: None)
    other = [one for one in played(piece, InMemory(place)) if one not in purely(piece)]
    assert [one.key for one in other] == ["at 3730s k2.served_by"]


@pytest.mark.parametrize(("how", "lane"), [("pin", "people"), ("reroute", "other")])
def test_a_policy_is_published_on_the_way(how: str, lane: str, tmp_path: Path) -> None:
    after = PUBLISHED.partition("cases:")[0].replace("[{lane: people}]", "[{lane: other}]")
    (tmp_path / "after.yaml").write_text(after, encoding="utf-8")
    before = tmp_path / "before.yaml"
    before.write_text(PUBLISHED.replace("HOW", how).replace("WHERE", lane), encoding="utf-8")
    (piece,) = pieces([before])
    came = played(piece, InMemory(place))
    assert came == purely(piece)
    assert [one.got for one in came if one.key == "at 5s k1.lane"] == [lane]


def test_what_no_record_can_say_is_refused_by_name() -> None:
    piece = named("whose advisor vanishes")
    *early, last = piece.case.moments
    sooner = replace(piece.case, moments=(*early, replace(last, at=3_000)))
    with pytest.raises(Unsayable, match="`ann` cannot be silent at 3s"):
        played(replace(piece, case=sooner), InMemory(place))
    piece = named("EX-36 ten minutes")
    ends = [row for row in piece.case.moments if row.standstill]
    short = replace(piece.case, moments=(ends[0], replace(ends[1], at=ends[0].at + 9_000)))
    with pytest.raises(Unsayable, match="a standstill this short is none"):
        played(replace(piece, case=short), InMemory(place))

"""Every timeline purely and on whole machines in memory: equal results, whatever is expected."""

import pytest

from tests.four.stock import Piece, files, pieces, spoilt
from tests.four.ways import played, purely, seen
from tierlane.replay.timeline.in_memory import InMemory
from tierlane.replay.timeline.replaying import replay_timeline
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

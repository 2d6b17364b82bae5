"""The table of what each event does to a contact at a managed desk, tried cell by cell."""

import pytest

from tests.unit.routing.desk_cell import EVENTS, Scene, cells

TABLE = cells()
ALL = [(state, event) for state in TABLE["cells"] for event in TABLE["cells"][state]]


def test_every_state_has_a_cell_for_every_event() -> None:
    assert tuple(TABLE["events"]) == EVENTS
    assert tuple(TABLE["cells"]) == tuple(TABLE["states"])
    assert all(tuple(row) == EVENTS for row in TABLE["cells"].values())


@pytest.mark.parametrize(("state", "event"), ALL, ids=[f"{s}-{e}" for s, e in ALL])
def test_a_cell(state: str, event: str) -> None:
    cell = TABLE["cells"][state][event]
    assert Scene(state).give(event) == (tuple(cell["told"]), cell["then"])
    assert cell["told"] or event in TABLE["nothing"], "nothing is told, and the table says not why"

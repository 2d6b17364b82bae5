"""The lifecycle table is whole and consistent with itself; what cells do is tested in routing."""

from tierlane.contact.lifecycle import (
    AS_IT_WAS,
    EVENTS,
    IN_LINE,
    OPEN_STATES,
    STATES,
    TABLE,
    Effect,
)

CELLS = [(state, name, cell) for state, row in TABLE.items() for name, cell in row.items()]


def test_every_state_has_a_cell_for_every_event() -> None:
    assert tuple(TABLE) == STATES
    for row in TABLE.values():
        assert set(row) == set(EVENTS)


def test_only_no_effect_has_a_reason_and_it_keeps_the_state() -> None:
    for state, name, cell in CELLS:
        assert bool(cell.reason) == (cell.effect is Effect.NOTHING), (state, name)
        if cell.effect is Effect.NOTHING:
            assert cell.state == state, (state, name)


def test_every_state_but_a_managed_desks_can_be_reached() -> None:
    reached = {cell.state for _, _, cell in CELLS if cell.effect is not Effect.NOTHING}
    fixed = {state for state in STATES if state not in {"arrived", "offered"}}
    assert reached - {AS_IT_WAS, "arrived", "offered"} == fixed


def test_only_a_contact_in_line_or_in_service_is_open() -> None:
    assert IN_LINE < OPEN_STATES
    for state in STATES:
        closes = {TABLE[state]["lapse"].effect is Effect.CLOSE}
        assert closes == {state in OPEN_STATES}


def test_arrival_never_goes_without_effect() -> None:
    for state in STATES:
        assert TABLE[state]["arrived"].effect is not Effect.NOTHING

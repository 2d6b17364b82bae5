"""Laws of deciding for managed desks: figures are no memory, and what they say is obeyed."""

from hypothesis import given
from hypothesis import strategies as st

from tests.policy.writing import compiled
from tests.property.test_decide import contacts, memories, profiles
from tierlane.decision import FALLBACK
from tierlane.policy.line.figure import NOBODY, DeskFigure, Figures, LaneFigure

NOW = 1_772_800_000_000
REVISION = compiled(
    "budgets: [{budget: b, when: lane.kind == 'dedicated' && contact.region != 'CN', per: desk, most: 2}]\n",
    fields="fields: {contact.attributes.priority: number, contact.attributes.business: text, profile.measures.spend_12m: number}\n",
    lanes=(
        "desks: {d: {}}\nlanes:\n"
        "  a: {kind: standard, desk: d, limit: {waiting: 2}, full: plan second}\n"
        "  b: {kind: priority, desk: d, limit: {waiting: 3, expected_wait: 1m}, channels: [chat, voice]}\n"
        "  c: {kind: dedicated, desk: d, full: wait, limit: {waiting: 0}}\n"
        "  people: {kind: standard, desk: d}\n"
    ),
    plans=(
        "plans:\n"
        "  - plan: second\n    when: contact.subject == 'order'\n    steps:\n"
        "      - {lane: b, skip_if: contact.attributes.priority > lane.waiting || lane.oldest > duration('1m')}\n"
        "      - {lane: c, who: ['advisor.skills.x >= contact.attributes.priority / profile.measures.spend_12m']}\n"
        "    finally: {plan: third}\n"
        "  - {plan: third, when: contact.subject == 'return', steps: [{lane: b, who: [contact.language in advisor.languages]}]}\n"
        "  - plan: first\n    steps:\n"
        "      - {lane: a, who: [\"contact.region == 'CN' || advisor.id == profile.dedicated_advisor\"], skip_if: budget.left == 0 || who.missing}\n"
        "      - {lane: b, skip_if: desk.free == 0 && lane.not_asked < 2}\n"
        "      - {lane: a, until: 5m}\n"
    ),
)  # fmt: skip
FRESH = REVISION.without_memo()

small = st.integers(0, 4)
times = st.none() | st.integers(0, 200_000)
lane = st.builds(LaneFigure, small, small, small, small, times, times)
figures = st.builds(
    Figures,
    st.dictionaries(st.sampled_from(["a", "b", "c"]), lane),
    st.dictionaries(st.just("d"), st.builds(DeskFigure, small, small, small)),
    st.dictionaries(st.just("b"), small),
)


@given(contacts, profiles, memories, st.just(NOBODY) | figures)
def test_what_was_decided_before_changes_nothing(contact, profile, memory, seen):
    remembering = REVISION.decide(contact, profile, memory, NOW, figures=seen)
    afresh = FRESH.decide(contact, profile, memory, NOW, figures=seen)
    assert remembering == afresh
    assert all(fault.code != "internal" for fault in afresh.errors)


@given(contacts, profiles, figures)
def test_figures_are_obeyed(contact, profile, seen):
    outcome = REVISION.decide(contact, profile, None, NOW, figures=seen).outcome
    lanes = {one.name: one for one in REVISION.lanes}
    if outcome.step != FALLBACK:
        assert not seen.full(lanes[outcome.lane]) or outcome.lane == "c"
    for _, name, reason in outcome.passed_over:
        if reason == "full":
            assert seen.full(lanes[name])
        if reason.startswith("skip_if"):
            free = seen.lane(name).free
            assert not free or (name == "a" and "who.missing" in reason)
        assert reason != "budget" or (name == "c" and seen.left["b"] == 0)

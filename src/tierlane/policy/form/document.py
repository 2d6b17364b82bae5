"""The policy document as frozen values: what was written, before names are resolved.

Conditions stay text with their place; durations are milliseconds; every row knows its place.
"""

from dataclasses import dataclass, field
from typing import Any

from tierlane.calendar import Calendar, Span
from tierlane.decision import Priority, Promise
from tierlane.lane import Lane
from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.desk import Desk, Key
from tierlane.policy.form.finding import Place

Constant = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of text, such as a condition or a field path, and where it stands."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its name, its condition (None always holds) and what then."""

    name: str
    when: Written | None
    then: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Rules:
    """Rows, top down."""

    rows: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The last step not above the field's value."""

    field: Written
    steps: tuple[tuple[float, Constant, Place], ...]
    margin: float = 0.0
    """The share of a step by which a value may fall below it while the step is held."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """Cells in the order of the columns (None is `any`) and the value they give."""

    cells: tuple[Constant | None, ...]
    value: Constant
    place: Place
    number: int = 0
    """Its number from 1 where the table looks at a masked field, whose value is in the cells."""

    @property
    def name(self) -> str:
        """The row by its cells: `own+shoes`; `row 3` where these must not be told."""
        if self.number:
            return f"row {self.number}"
        return "+".join("any" if cell is None else word(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal keys; the first that fits."""

    on: tuple[Written, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Values by their share in percent, cumulated as written."""

    salt: str
    parts: tuple[tuple[Constant, float], ...]


Body = Rules | Ladder | Table | Shares


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A fact, or a set that gives tiers."""

    name: str
    default: Constant | None
    body: Body
    place: Place


@dataclass(frozen=True, slots=True)
class Tiers:
    """The order of tiers, what gives them and how long one is kept."""

    order: tuple[str, ...] = ("standard",)
    default: str = "standard"
    sets: tuple[ValueSet, ...] = ()
    keep: int | Written | None = None
    """Milliseconds since it was earned, or the field that tells until when."""
    place: Place = Place("", 1, 1)
    monotone: bool = False
    """Whether the check must prove that a higher tier never makes anything worse."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """What kinds of situation there are."""

    default: str = "general"
    rules: tuple[Rule, ...] = ()
    ignore_tier: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """What no rule may fall below: times at most, a priority at least, kinds of lane never."""

    promise: Promise = Promise()
    priority: float | None = None
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What one compliance rule asks."""

    can: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    identity: int = 0
    retain_years: int = 0
    retain_ms: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """What one serving rule tells who serves: constants, and fields whose values go along."""

    constants: tuple[tuple[str, Any], ...] = ()
    carry: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan; lane None takes the lane of the step before."""

    lane: Written | None
    when: Written | None
    who: tuple[Written, ...]
    priority: Priority | None
    place: Place
    until: int | None = None
    """The contact's age, in ms, at which the step ends."""
    working: Span | None = None
    """The same in working time, instead of `until`."""
    before_answer: int | None = None
    """The same as ms before the promised answer."""
    lasts: int | None = None
    """The step's own time, in ms (`for`); the earlier of the two ends it."""
    skip_if: Written | None = None
    prefer: tuple[Written, ...] = ()
    borrow: tuple[Written, ...] = ()
    """Lanes whose advisors may serve the contact while it keeps its place."""
    choose: tuple[Key, ...] = ()
    """How an advisor is chosen, where it is not as the desk says."""
    stated: tuple[tuple[str, Place], ...] = ()
    """The keys that the policy writes, with their places."""


@dataclass(frozen=True, slots=True)
class LastResort:
    """What ends a plan: a message with which the contact is closed, or another plan."""

    until: int | None
    """The contact's age, in ms, at which a last step ends that states no end."""
    close: str
    plan: Written | None
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps and the condition for taking them."""

    name: str
    when: Written | None
    steps: tuple[Step, ...]
    place: Place
    last: LastResort | None = None
    """What follows on the last step; None is as the policy's own `finally`."""


@dataclass(frozen=True, slots=True)
class Detoured:
    """A lane that sends on to a plan while it is full or closed."""

    lane: str
    key: str
    """`full` or `closed`."""
    plan: Written


@dataclass(frozen=True, slots=True)
class Budget:
    """How many contacts may be served in some lanes; over it a step is passed over."""

    name: str
    when: Written | None
    per: str
    """`advisor`, `desk` or `customer`."""
    most: int
    within: str | int
    """Counted: those `open`, of the calendar `day`, or of so many ms."""
    place: Place


@dataclass(frozen=True, slots=True)
class Declared:
    """The type of a field as the policy declares it; `values` closes the set."""

    type: str
    values: tuple[Constant, ...] = ()
    place: Place = Place("", 1, 1)


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted per customer: contacts for which a condition held, within a time."""

    name: str
    within: int
    """Milliseconds back from now."""
    per: tuple[str, ...] = ()
    """The contact's field (`contact`, `attributes`, `commission`) by which contacts count apart."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What intake remembers beyond the customer's own figures."""

    counts: tuple[Rule, ...] = ()
    """Each row gives its `Count`."""
    joins: int | None = None
    """Contacts of a customer on two channels within so many ms are one; None keeps them apart."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole policy."""

    name: str
    time_zone: str
    calendars: tuple[tuple[Calendar, Place], ...]
    calendar: Calendar | None
    """The one that `working` means where a row names none."""
    fields: tuple[tuple[str, Declared], ...]
    masking: tuple[tuple[str, str, Place], ...]
    memory: Recalled
    facts: tuple[ValueSet, ...]
    tiers: Tiers
    scenarios: Scenarios
    promises: tuple[Promise, tuple[Rule, ...]]
    floors: tuple[Rule, ...]
    compliance: tuple[Rule, ...]
    serving: tuple[Rule, ...]
    priorities: tuple[Priority, tuple[Rule, ...]]
    desks: tuple[Desk, ...]
    lanes: tuple[tuple[Lane, Place], ...]
    detours: tuple[Detoured, ...]
    budgets: tuple[Budget, ...]
    plans: tuple[Plan, ...]
    last: LastResort
    """What ends a plan that does not say so itself (`finally`)."""
    fallback: Written
    cases: tuple[Case | Timeline, ...]
    place: Place
    canonical: bytes = field(repr=False, default=b"")
    """The document as JSON in the order written: what the revision's name is the digest of."""


def word(value: object) -> str:
    """Return a constant as a document writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "null" if value is None else str(value)

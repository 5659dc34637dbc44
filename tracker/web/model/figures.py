"""The figures at the head of a page, and its bars."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from tracker.reports.wording import plain, price
from tracker.web.model.alternatives import about
from tracker.web.model.market import TALK
from tracker.web.model.naming import titled
from tracker.web.model.steadiness import Steady
from tracker.web.model.today import Card, Line
from tracker.web.model.whole import Whole

PLAIN = ("input", "output", "cache_read")
MOST = 4
BARS = 6
_COLOURS = {"output": 1, "input": 2, "cache_read": 3}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name, what it is of, and since when a price has stood so."""

    name: str
    text: str
    note: str = ""
    stood: Steady | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount beside others: `share` is from 0 to 1, `colour` from 1 to 6."""

    label: str
    text: str
    share: float
    colour: int


def figures(whole: Whole) -> tuple[Figure, ...]:
    """What a reader looks for first."""
    card = whole.card
    shown = [card.lines[meter] for meter in PLAIN if meter in card.lines]
    if not any(line.nano for line in shown[:2]) and card.main:
        shown = list(card.main[:MOST])
    stood = {one.meter: one for one in whole.steady}
    found = [
        Figure(titled(x.meter), _price(x), f"per {x.per}", stood.get(x.meter))
        for x in shown
    ]
    if whole.talk is not None and (whole.talk or not card.main):
        found.append(
            Figure("Typical conversation", about(whole.talk), _talk_note(whole))
        )
    stated = [row for row in whole.able.limits if row.words]
    return (*found, *(Figure(row.name, row.value, "tokens") for row in stated))


def _talk_note(whole: Whole) -> str:
    tokens = TALK.input + TALK.output
    parts = f"{tokens} tokens: {TALK.input} in, {TALK.output} out"
    amount = whole.talk or Decimal(0)
    exact = format(amount.normalize(), "f") if amount else ""
    rounded = exact and about(amount).startswith("≈")
    return f"{parts}; ${exact}" if rounded else parts


def _price(line: Line) -> str:
    return price(line.nano, line.currency)


def bars(card: Card) -> tuple[Bar, ...]:
    """Input against output; where there is neither, the prices per the same thing."""
    lines = [card.lines[meter] for meter in PLAIN if meter in card.lines]
    if not any(line.nano for line in lines[:2]):
        lines = _alike(card)
    largest = max((line.nano for line in lines), default=0)
    alike = len({line.nano for line in lines}) < 2
    if alike or not largest or len({line.currency for line in lines}) > 1:
        return ()
    return tuple(
        Bar(
            titled(line.meter),
            _price(line),
            line.nano / largest,
            _COLOURS.get(line.meter, 1),
        )
        for line in lines
    )


def _alike(card: Card) -> list[Line]:
    """The prices of what most are for."""
    counts = Counter(line.per for line in card.main)
    if not counts:
        return []
    per, _ = counts.most_common(1)[0]
    return [line for line in card.main if line.per == per][:BARS]


def proportion(card: Card) -> str:
    """How many times dearer output is than input, in words; empty if not to be told."""
    lines = [card.lines.get(meter) for meter in ("input", "output")]
    known = [line for line in lines if line is not None and line.nano]
    if len(known) < 2 or known[0].currency != known[1].currency:
        return ""
    ratio = Decimal(known[1].nano) / known[0].nano
    if ratio == 1:
        return "Output costs as much as input."
    return f"Output costs {plain(ratio)} times as much as input."

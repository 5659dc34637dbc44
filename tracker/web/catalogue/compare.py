"""A comparison as lines of a table: what is compared, and a cell for each model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.asking.assortment import CAPABILITIES, Sold
from tracker.asking.comparing import Compared, Move, Rate, Talk
from tracker.domain.meters import meter_place
from tracker.domain.offers import Offer
from tracker.reports import wording
from tracker.web.catalogue.stock import TYPICAL
from tracker.web.catalogue.words import paid, ratio, sized
from tracker.web.model.naming import titled

DIGITS = 3
"""Of what a conversation costs, where models are told apart by it."""
MAIN = ("input", "output", "cache_read", "cache_write")
"""Rates that are not left for the second table."""
SHORT = ("json", "pdf")
"""Capabilities that are spelt in capitals."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a line says of one model.

    Attributes:
        text: in words.
        note: what is said below it.
        best: why it stands out: `lowest`, `largest`; empty if it does not.
        offer: another one that is meant, as a link.
    """

    text: str
    note: str = ""
    best: str = ""
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What is compared, and a cell for each model."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together."""

    title: str
    lines: tuple[Line, ...]


def parts(found: Sequence[Compared], talk: Talk) -> list[Part]:
    """The comparison without the less usual rates; what no model has is left out."""
    usual = [m for m in meters(found) if m in MAIN]
    made = [
        Part("What a conversation costs", tuple(_talks(found, talk))),
        Part("Rates per 1M tokens", (*_rates(found, usual), _ratios(found))),
        Part("Limits", tuple(_limits(found))),
        Part("It can", tuple(_abilities(found))),
        Part("Among its like", tuple(_market(found))),
        Part("Where the prices are from", tuple(_origin(found))),
    ]
    return [part for part in made if part.lines]


def other_rates(found: Sequence[Compared]) -> tuple[Line, ...]:
    """The rates that `parts` leaves out."""
    return tuple(_rates(found, [m for m in meters(found) if m not in MAIN]))


def meters(found: Sequence[Compared]) -> list[str]:
    """Every meter that one of them has, plain ones first."""
    return sorted({r.meter for one in found for r in one.rates}, key=meter_place)


def _talks(found: Sequence[Compared], talk: Talk) -> Iterable[Line]:
    for one in dict.fromkeys((TYPICAL, talk)):
        costs = [one.cost(compared.sold) for compared in found]
        texts = [sized(cost, DIGITS) for cost in costs]
        whose = "Typical" if one == TYPICAL else "Yours"
        title = f"{whose}: {one.input:,} tokens in, {one.output:,} out"
        yield Line(title, _marked(texts, costs, "lowest"))


def _rates(found: Sequence[Compared], keys: Iterable[str]) -> Iterable[Line]:
    for key in keys:
        rates = [_rate_of(one, key) for one in found]
        texts = [paid(r.price_nano, r.currency, r.per) if r else "–" for r in rates]
        per = {r.per for r in rates if r and r.usd is not None}
        prices = [r.usd if r and len(per) == 1 else None for r in rates]
        yield Line(titled(key), _marked(texts, prices, "lowest"))


def _rate_of(one: Compared, key: str) -> Rate | None:
    return next((rate for rate in one.rates if rate.meter == key), None)


def _ratios(found: Sequence[Compared]) -> Line:
    return Line("Output : input", tuple(Cell(ratio(one.ratio)) for one in found))


def _limits(found: Sequence[Compared]) -> Iterable[Line]:
    said: Mapping[str, Callable[[Compared], int | None]] = {
        "Context, tokens": lambda one: one.sold.context,
        "Longest answer, tokens": lambda one: one.sold.longest,
    }
    for title, of in said.items():
        limits = [of(one) for one in found]
        if any(limits):
            texts = [f"{limit:,}" if limit else "–" for limit in limits]
            yield Line(title, _marked(texts, limits, "largest"))


def _abilities(found: Sequence[Compared]) -> Iterable[Line]:
    for word in CAPABILITIES:
        has = [word in one.sold.can for one in found]
        if any(has):
            cells = tuple(Cell("yes" if can else "not stated") for can in has)
            title = word.upper() if word in SHORT else word.capitalize()
            yield Line(title, cells)


def _market(found: Sequence[Compared]) -> Iterable[Line]:
    places = [f"{one.place} of {one.alike:,}" if one.place else "–" for one in found]
    if any(one.place for one in found):
        yield Line("Place by price of your conversation", tuple(map(Cell, places)))
        yield Line("Cheapest that can as much", tuple(map(_rival, found)))
    yield Line("Last real move", tuple(moved(one.move) for one in found))


def _rival(one: Compared) -> Cell:
    if one.place == 1:
        return Cell("this one")
    if one.rival is None:
        return Cell("–")
    rival, cost = one.rival
    return Cell(rival.offer.text, sized(cost, DIGITS), offer=rival.offer)


def moved(move: Move | None) -> Cell:
    """When a model last really moved, and how far."""
    if move is None:
        return Cell("none seen")
    steps = (f"{meter} {_step(old, new)}" for meter, old, new in move.steps)
    return Cell(wording.day(move.at), ", ".join(steps))


def _step(old: Decimal, new: Decimal) -> str:
    return wording.step(round(old * 10**9), round(new * 10**9))


def _origin(found: Sequence[Compared]) -> Iterable[Line]:
    sources = (Cell(one.sold.source, _caution(one.sold)) for one in found)
    yield Line("Stated by", tuple(sources))
    newest = (Cell(wording.day(one.sold.since) or "–") for one in found)
    yield Line("Newest rate since", tuple(newest))
    if any(one.sold.retired_on for one in found):
        ends = (Cell(wording.short(one.sold.retired_on or "–", 12)) for one in found)
        yield Line("Its last day", tuple(ends))


def _caution(sold: Sold) -> str:
    if sold.stale:
        return "not read for long"
    return "routed: it depends on to whom" if sold.routed else ""


def _marked(
    texts: Sequence[str], values: Sequence[Decimal | int | None], best: str
) -> tuple[Cell, ...]:
    """The cells; unless all are alike, the lowest or the largest stand out."""
    known = [value for value in values if value is not None]
    edge = (min if best == "lowest" else max)(known, default=None)
    differ = len(set(known)) > 1
    return tuple(
        Cell(text, best=best if differ and value == edge else "")
        for text, value in zip(texts, values, strict=True)
    )

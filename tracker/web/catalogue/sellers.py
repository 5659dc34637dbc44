"""Who sells: each provider with its offers, its latest moves and what it withdrew."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from storage.reading import selling
from tracker.asking.assortment import ROUTERS
from tracker.domain.offers import FIRST_PARTY, Offer
from tracker.web.catalogue.stock import Entry, stock
from tracker.web.view import View, shared

STEPS = 80
"""How many of a provider's newest steps are read, rate by rate."""
MOVES = 12
"""How many of its moves are told."""
ECHO = timedelta(days=90)
"""The same step, told by another source within this time, is the same move."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rate that really moved, in nano-units of a currency."""

    meter: str
    old: int
    new: int
    currency: str
    per: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """The rates of an offer that moved on a day, as a source saw it."""

    at: datetime
    offer: Offer
    source: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """An offer that has no price any more, and since when."""

    offer: Offer
    at: datetime


@dataclass(frozen=True, slots=True)
class Seller:
    """A provider.

    Attributes:
        name: as sources call it, after mapping.
        kind: `first-party`, `router` or `reseller or other`.
        entries: what it sells today, in the usual order.
        moves: its newest real moves, newest first.
        gone: what it sells no more, what left last first.
        sources: who states prices of it today.
    """

    name: str
    kind: str
    entries: tuple[Entry, ...]
    moves: tuple[Move, ...]
    gone: tuple[Gone, ...]
    sources: tuple[str, ...]

    @property
    def chats(self) -> list[Entry]:
        """Its chat models that cost something and are still sold, the cheapest
        conversation first.
        """
        talks = [e for e in self.entries if e.sold.kind == "chat" and _pays(e)]
        return sorted(talks, key=lambda e: (e.talk, e.offer))

    @property
    def modes(self) -> list[tuple[str, list[Entry]]]:
        """What it sells by mode, chat first, then the largest; `` stands last."""
        ordered = sorted(self.entries, key=lambda e: e.sold.kind)
        grouped = groupby(ordered, key=lambda e: e.sold.kind)
        found = [(kind, _in_order(self.entries, kind)) for kind, _ in grouped]
        return sorted(found, key=lambda f: (not f[0], f[0] != "chat", -len(f[1])))

    @property
    def mark(self) -> str:
        """Changes whenever anything above does."""
        told = [
            (self.name, self.kind, self.sources, self.moves, self.gone),
            *((replace(e.sold, can=frozenset()), sorted(e.sold.can), e.retired, e.own)
              for e in self.entries),
        ]  # fmt: skip
        return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:20]


@shared
def sellers(view: View) -> Mapping[str, Seller]:
    """Every provider ever met, priced or not: those that make models first, in the
    order in which names are looked for, then those that sell the most.
    """
    with view.store.reading() as connection:
        readers = selling.readers(connection)
        moves = _by_provider(selling.latest_moves(connection, most=STEPS))
        gone = _by_provider(selling.gone(connection))
    entries: dict[str, list[Entry]] = {}
    for entry in stock(view).entries:
        entries.setdefault(entry.offer.provider, []).append(entry)
    found = [
        Seller(
            name,
            kind_of(name),
            tuple(entries.get(name, ())),
            tuple(_moves(moves.get(name, ()))),
            tuple(_withdrawn(gone.get(name, ()))),
            tuple(readers.get(name, ())),
        )
        for name in {offer.provider for offer in view.offers}
    ]
    return {seller.name: seller for seller in sorted(found, key=_place)}


def kind_of(provider: str) -> str:
    """What kind of a seller it is."""
    if provider in FIRST_PARTY:
        return "first-party"
    return "router" if provider in ROUTERS else "reseller or other"


def _pays(entry: Entry) -> bool:
    talk: Decimal | None = entry.talk
    prices = (entry.sold.input, entry.sold.output)
    return bool(talk) and entry.current and 0 not in prices


def _in_order(entries: Iterable[Entry], kind: str) -> list[Entry]:
    return [entry for entry in entries if entry.sold.kind == kind]


def _place(seller: Seller) -> tuple[int, int, str]:
    known = seller.name in FIRST_PARTY
    place = FIRST_PARTY.index(seller.name) if known else len(FIRST_PARTY)
    return place, -len(seller.entries), seller.name


def _by_provider(rows: Iterable[selling.Row]) -> dict[str, list[selling.Row]]:
    found: dict[str, list[selling.Row]] = {}
    for row in rows:
        found.setdefault(row["provider"], []).append(row)
    return found


def _offer(row: selling.Row) -> Offer:
    return Offer(row["provider"], row["model"], row["region"])


def _withdrawn(rows: Iterable[selling.Row]) -> list[Gone]:
    found = [Gone(_offer(row), row["valid_to"]) for row in rows]
    return sorted(found, key=lambda one: (-one.at.timestamp(), one.offer))


def _moves(rows: Sequence[selling.Row]) -> list[Move]:
    """Steps of one offer on one day as one move, each told once, newest first."""
    told: dict[tuple[Offer, str, int, int], datetime] = {}
    found: dict[tuple[datetime, Offer], list[selling.Row]] = {}
    for row in sorted(rows, key=lambda row: row["observed_at"]):
        at, offer = row["observed_at"], _offer(row)
        key = (offer, row["meter"], row["old_price_nano"], row["new_price_nano"])
        if key not in told or at - told[key] > ECHO:
            told[key] = at
            found.setdefault((at, offer), []).append(row)
    newest = sorted(found, key=lambda k: (-k[0].timestamp(), k[1]))[:MOVES]
    return [_move(*key, found[key]) for key in newest]


_ORDER = ("input", "output", "cache_read", "cache_write")


def _move(at: datetime, offer: Offer, rows: Sequence[selling.Row]) -> Move:
    steps = (
        Step(
            row["meter"],
            row["old_price_nano"],
            row["new_price_nano"],
            row["currency"],
            row["per"],
        )
        for row in rows
    )
    return Move(at, offer, rows[0]["source"], tuple(sorted(steps, key=_meter_place)))


def _meter_place(step: Step) -> tuple[int, str]:
    known = step.meter in _ORDER
    return (_ORDER.index(step.meter) if known else len(_ORDER)), step.meter

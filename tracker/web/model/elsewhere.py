"""The very same model at other sellers, and under other names at the same one."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracker.asking.assortment import Sold
from tracker.domain.families import family_of
from tracker.domain.offers import Offer
from tracker.web.model.alternatives import stepped
from tracker.web.model.market import TALK, Market

_DATE = re.compile(r"(20\d\d-?\d\d-?\d\d)(?!\d)")
_ANYTHING = frozenset({"auto", "free", "router", "default", "best", "latest"})
"""Names that say nothing about the model."""
_TAIL = re.compile(r":([a-z][a-z0-9-]*)$")


@dataclass(frozen=True, slots=True)
class Seller:
    """What one seller asks for the model under one name.

    Attributes:
        offers: the same name in one region or several, at the same prices.
        sold: the card of the first of them.
        talk: what a typical conversation costs there; None if it has no price.
        ratio: that by what it costs here; None if one of them has no price.
    """

    offers: tuple[Offer, ...]
    sold: Sold
    talk: Decimal | None
    ratio: Decimal | None

    @property
    def offer(self) -> Offer:
        """The first of its offers."""
        return self.offers[0]

    @property
    def pct(self) -> str:
        """How much cheaper or dearer it is, in per cent; empty if not known."""
        if self.ratio is None:
            return ""
        if self.ratio == 0:
            return "free"
        return "the same" if self.ratio == 1 else stepped(self.ratio)

    @property
    def cheaper(self) -> bool:
        """Whether it costs less there, by a source that is still read."""
        return self.ratio is not None and self.ratio < 1 and not self.sold.stale


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same model elsewhere.

    Attributes:
        sellers: others who sell it, the cheapest first; last those that only sources
            tell of that are not read any more.
        names: its other names at the same seller.
    """

    sellers: tuple[Seller, ...]
    names: tuple[Seller, ...]

    @property
    def cheaper(self) -> tuple[Seller, ...]:
        """Those who sell it for less."""
        return tuple(seller for seller in self.sellers if seller.cheaper)

    @property
    def providers(self) -> int:
        """How many others sell it."""
        return len({seller.offer.provider for seller in self.sellers})


def elsewhere(market: Market, offer: Offer) -> Elsewhere:
    """Who else sells the model of an offer that has, or had, a price."""
    mine = market.sold.get(offer)
    talk = TALK.cost(mine) if mine else None
    family = family_of(offer.model)
    every = [] if family in _ANYTHING else market.families.get(family, [])
    same = [s for s in every if s.offer != offer and is_same(s.offer, offer)]
    sellers = [_seller(group, talk) for group in _grouped(same)]
    ordered = sorted(sellers, key=_dearness)
    others = [s for s in ordered if s.offer.provider != offer.provider]
    names = [s for s in ordered if s.offer.provider == offer.provider]
    return Elsewhere(tuple(others), tuple(names))


def is_same(one: Offer, other: Offer) -> bool:
    """Whether two offers of one family are one model: of one date, where both name
    one, and of one variant. Fine-tuned ones are everybody's own.
    """
    if "ft:" in one.model or "ft:" in other.model:
        return False
    dates = [_DATE.findall(offer.model)[-1:] for offer in (one, other)]
    digits = {date[0].replace("-", "") for date in dates if date}
    return len(digits) < 2 and _variant(one.model) == _variant(other.model)


def _variant(model: str) -> str:
    """`free` of `deepseek/deepseek-r1:free`; empty of most."""
    found = _TAIL.search(model)
    return found[1] if found else ""


def _grouped(same: Iterable[Sold]) -> list[list[Sold]]:
    """Offers of one seller and name with equal prices, by region."""
    groups: dict[tuple[object, ...], list[Sold]] = defaultdict(list)
    for sold in same:
        prices = (sold.input, sold.output, sold.cache_read, sold.stale)
        groups[sold.offer.provider, sold.offer.model, *prices].append(sold)
    return [sorted(group, key=lambda s: s.offer) for group in groups.values()]


def _seller(group: list[Sold], here: Decimal | None) -> Seller:
    first = group[0]
    there = TALK.cost(first)
    ratio = there / here if there is not None and here else None
    return Seller(tuple(s.offer for s in group), first, there, ratio)


def _dearness(seller: Seller) -> tuple[object, ...]:
    price = seller.talk
    return seller.sold.stale, price is None, price or 0, seller.offer

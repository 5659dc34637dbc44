"""All that is sold, in the order in which most people look for it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from storage.reading import selling
from tracker.asking import catalogue
from tracker.asking.assortment import Sold
from tracker.asking.comparing import Talk
from tracker.domain.families import VERTEX, family_of
from tracker.domain.offers import FIRST_PARTY, Offer
from tracker.web.catalogue.search import NAMED, Name, level, name_of, words
from tracker.web.catalogue.tariffs import tariffs
from tracker.web.view import View, shared

TYPICAL = Talk()
"""The conversation that everything is priced with."""
NOT_OWN = frozenset({VERTEX})
"""Of a first party, but the models it made have an entry under its own name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An offer as the catalogue lists it.

    Attributes:
        sold: its card.
        seen: when any source first stated a price of it.
        own: whether its provider made the model, as far as names tell.
        retired: whether its source says that its last day has come.
        talk: dollars of the typical conversation; None if a price is missing.
        name: its name, to be searched.
        tariff: what it costs where it is not paid by the token; else empty.
    """

    sold: Sold
    seen: datetime
    own: bool
    retired: bool
    talk: Decimal | None
    name: Name
    tariff: str = ""

    @property
    def offer(self) -> Offer:
        """What is sold."""
        return self.sold.offer

    @property
    def current(self) -> bool:
        """Whether it is still sold, as a source says that was read lately."""
        return not (self.retired or self.sold.stale)

    @property
    def group(self) -> int:
        """Where it stands in the usual order, before its age counts: a chat model that
        its maker sells; another one; something else; long unread; retired.
        """
        if self.retired:
            return 4
        if self.sold.stale:
            return 3
        if self.sold.kind != "chat" or not self.talk:
            return 2
        return 0 if self.own else 1


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What the catalogue holds. It equals only itself.

    Attributes:
        entries: all that has a price today, in the usual order.
        modes: how many offers there are of each kind, the most frequent first.
        providers: how many each provider has, by name.
        gone: what has no price any more.
    """

    entries: tuple[Entry, ...]
    modes: Mapping[str, int]
    providers: Mapping[str, int]
    gone: tuple[tuple[Offer, Name], ...]

    def nearest(self, typed: str, most: int) -> list[Entry]:
        """The entries that fit best what somebody typed.

        Args:
            typed: as `words` makes it, not empty.
            most: how many.
        """
        return fitting(self.entries, typed)[:most]


def fitting(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Those that fit what somebody typed, the best first. Of those that bear the very
    name, the maker's comes first, then those of no region; else they stay in order.

    Args:
        entries: what is searched.
        typed: as `words` makes it, not empty.
    """
    found = []
    for place, entry in enumerate(entries):
        fit = level(entry.name, typed)
        if fit is not None:
            aside = (not entry.own, bool(entry.offer.region)) if fit < NAMED else ()
            found.append((fit, aside, place))
    return [entries[place] for *_, place in sorted(found)]


@shared
def stock(view: View) -> Stock:
    """What is sold in a state of the database; read once for each."""
    with view.store.reading() as connection:
        seen = selling.first_seen(connection)
        gone = [
            Offer(row["provider"], row["model"], row["region"])
            for row in selling.gone(connection)
        ]
        otherwise = tariffs(selling.otherwise(connection))
    own = own_offers(view.sold)
    day = view.now.date().isoformat()
    entries = [
        Entry(
            sold,
            seen.get((offer.provider, offer.model, offer.region)) or view.now,
            offer in own,
            sold.retired_on is not None and sold.retired_on <= day,
            TYPICAL.cost(sold),
            name_of(offer),
            otherwise.get(offer, ""),
        )
        for offer, sold in view.sold.items()
    ]
    return Stock(
        tuple(sorted(entries, key=_usual)),
        _counted((one.sold.kind for one in entries), by_size=True),
        _counted((one.offer.provider for one in entries), by_size=False),
        tuple((offer, name_of(offer)) for offer in gone),
    )


def alike(held: Stock, text: str) -> list[Offer]:
    """Offers whose names are written much the same as what somebody typed."""
    wanted = text[:80]
    by_name = {entry.offer.text: entry.offer for entry in _likely(held, wanted)}
    near = catalogue.nearest(wanted, list(by_name.values()))
    return [by_name[name] for name in near]


def _likely(held: Stock, text: str) -> list[Entry]:
    """The entries worth a closer look, which takes long: those whose names share
    nearly as many pairs of letters with a text as any name does.
    """
    index, shared = _by_pairs(held), Counter[int]()
    for pair in _pairs(words(text).replace(" ", "")):
        shared.update(index.get(pair, ()))
    most = max(shared.values(), default=0)
    return [held.entries[n] for n, count in sorted(shared.items()) if 2 * count >= most]


@lru_cache(maxsize=2)
def _by_pairs(held: Stock) -> Mapping[str, Sequence[int]]:
    """The places of the entries whose names have two letters beside each other."""
    found: dict[str, list[int]] = {}
    for place, entry in enumerate(held.entries):
        for pair in _pairs(entry.name.joined[0]):
            found.setdefault(pair, []).append(place)
    return found


def _pairs(text: str) -> set[str]:
    return {f"{a}{b}" for a, b in pairwise(text)}


def own_offers(offers: Iterable[Offer]) -> frozenset[Offer]:
    """The offers of those who made the model: first parties, unless the name says
    otherwise or a first party before them sells a model of that name.
    """
    makers: dict[str, str] = {}
    found = set()
    theirs = [o for o in offers if o.provider in FIRST_PARTY and "/" not in o.model]
    for offer in sorted(theirs, key=lambda o: FIRST_PARTY.index(o.provider)):
        family = family_of(offer.model)
        maker = makers.setdefault(family, offer.provider)
        if maker == offer.provider and offer.provider not in NOT_OWN:
            found.add(offer)
    return frozenset(found)


def _usual(entry: Entry) -> tuple[int, float, int, int, Offer]:
    """By group, the newest first; of one day, the best known maker and name first."""
    offer = entry.offer
    known = offer.provider in FIRST_PARTY
    place = FIRST_PARTY.index(offer.provider) if known else len(FIRST_PARTY)
    age = -entry.seen.astimezone(UTC).timestamp() // 86400
    return entry.group, age, place, len(offer.model), offer


def _counted(names: Iterable[str], *, by_size: bool) -> dict[str, int]:
    """How often each name occurs; an empty one is left out."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    found.pop("", None)
    key = (lambda item: (-item[1], item[0])) if by_size else None
    return dict(sorted(found.items(), key=key))

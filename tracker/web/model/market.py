"""Everything that is sold, arranged to find what else would do: read once a state."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from math import log
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from storage.reading import dossier, selling
from tracker.asking.assortment import CAPABILITIES, Sold
from tracker.asking.comparing import Talk
from tracker.domain.families import family_of, is_alias, words_of
from tracker.domain.money import in_units
from tracker.domain.offers import FIRST_PARTY, Offer
from tracker.web.view import View

TALK = Talk()
CONVERSATION = "conversation"
"""What models that are paid by the token for both ways are compared by."""

_IMAGES = ("output.image", "input.image", "output.image_token", "input.pixel")
_MAINS: Mapping[str, tuple[str, ...]] = {
    "image_generation": _IMAGES,
    "image_edit": _IMAGES,
    "video_generation": ("output.second", "output.second;resolution=720p"),
    "audio_transcription": ("input.second", "input.audio_token"),
    "audio_speech": ("input.character", "output.audio_token"),
    "ocr": ("ocr.page",),
    "rerank": ("input.query",),
    "search": ("input.query",),
    "embedding": ("input",),
}
"""The meter that offers of a mode are compared by, the first they have."""
_METERS = frozenset(meter for meters in _MAINS.values() for meter in meters)

_UNSETTLED = frozenset(
    {"preview", "exp", "experimental", "beta", "alpha", "customtools", "search"}
)
_PREVIEW = re.compile(r"-(preview|exp)(-\d\d){0,2}(-\d{4})?$")
_BITS = {word: 1 << n for n, word in enumerate(CAPABILITIES) if word != "open"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could stand in for another.

    Attributes:
        sold: its card.
        basis: what its price is of: a conversation, or a meter.
        price: that price, in dollars.
        log: the logarithm of it; of zero, of next to nothing.
        bits: what it can.
        context: the most input tokens; 0 if not stated.
        stem: its model, whoever sells it, and whether it is a preview or not.
        place: of its seller among those who make models; past all of them for those
            who resell.
        rank: of its name among those of its model: makers first, then the shortest.
        unsettled: a preview, or a name that moves on to newer models.
        first: when it was first seen.
    """

    sold: Sold
    basis: str
    price: Decimal
    log: float
    bits: int
    context: int
    stem: str
    place: int
    rank: tuple[int, int]
    unsettled: bool
    first: float

    @property
    def resold(self) -> bool:
        """Whether its seller makes no models of its own."""
        return self.place >= len(FIRST_PARTY)


@dataclass(frozen=True)
class Market:
    """What is sold in one state of the database.

    Attributes:
        sold: every offer with a price.
        today: the day, ISO.
        first: when each offer was first seen.
        mains: prices by meter of offers that are not paid by the token.
        reads: when each source was read well, in order.
        chosen: what was worked out already.
    """

    sold: Mapping[Offer, Sold]
    today: str
    first: Mapping[tuple[str, str, str], datetime]
    mains: Mapping[Offer, Mapping[str, Decimal]]
    reads: Mapping[str, Sequence[datetime]]
    chosen: dict[Any, list[Candidate]] = field(default_factory=dict)

    @cached_property
    def families(self) -> dict[str, list[Sold]]:
        """What is sold of each model, by whomever."""
        found: dict[str, list[Sold]] = defaultdict(list)
        for sold in self.sold.values():
            found[family_of(sold.offer.model)].append(sold)
        return dict(found)

    def candidates(self, kind: str, basis: str, *, resold: bool) -> list[Candidate]:
        """What can be had of a mode and a kind of price, the cheapest first: from
        those who make models, or from those who resell them.
        """
        return self._stalls.get((kind, basis, resold), [])

    @cached_property
    def _stalls(self) -> dict[tuple[str, str, bool], list[Candidate]]:
        found: dict[tuple[str, str, bool], list[Candidate]] = defaultdict(list)
        for sold in self.sold.values():
            one = self.candidate(sold) if self._lasts(sold) else None
            if one is not None and one.price > 0:
                found[sold.kind, one.basis, one.resold].append(one)
        for members in found.values():
            members.sort(key=lambda one: (one.price, one.sold.offer))
        return dict(found)

    def candidate(self, sold: Sold) -> Candidate | None:
        """An offer as others see it; None if it has no price to compare."""
        found = self._price(sold)
        if found is None or not sold.kind:
            return None
        offer = sold.offer
        words, place = words_of(offer.model), _place(offer)
        first = self.first.get((offer.provider, offer.model, offer.region))
        return Candidate(
            sold,
            *found,
            log=log(found[1] or 1e-15),
            bits=sum(_BITS.get(word, 0) for word in sold.can),
            context=sold.context or 0,
            stem=_PREVIEW.sub("", family_of(offer.model)),
            place=place,
            rank=(place, len(offer.text)),
            unsettled=bool(words & _UNSETTLED) or is_alias(offer.model),
            first=first.timestamp() if first else 0.0,
        )

    def _lasts(self, sold: Sold) -> bool:
        """Whether it can be chosen: somebody was there to see it, and it goes on."""
        ended = sold.retired_on is not None and sold.retired_on <= self.today
        free = sold.kind == "chat" and 0 in (sold.input, sold.output)
        return not (sold.stale or ended or free)

    def _price(self, sold: Sold) -> tuple[str, Decimal] | None:
        mains = self.mains.get(sold.offer, {})
        if sold.kind == "embedding" and sold.input is not None:
            return "input", sold.input
        for meter in _MAINS.get(sold.kind, ()):
            if mains.get(meter):
                return meter, mains[meter]
        cost = TALK.cost(sold)
        return None if cost is None else (CONVERSATION, cost)


_known: WeakKeyDictionary[View, Market] = WeakKeyDictionary()
_lock = Lock()


def market_of(view: View) -> Market:
    """The market of a state."""
    with _lock:
        if view not in _known:
            _known[view] = _read(view)
        return _known[view]


def _read(view: View) -> Market:
    sold = view.sold
    with view.store.reading() as connection:
        first = selling.first_seen(connection)
        rows = dossier.rates_on(connection, _METERS)
        reads = dossier.reads(connection)
    mains: dict[Offer, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        offer = Offer(row["provider"], row["model"], row["region"])
        mains[offer][row["meter"]] = in_units(row["price_nano"])
    return Market(sold, view.now.date().isoformat(), first, mains, reads)


def _place(offer: Offer) -> int:
    """Of its seller among the makers; the names of what they resell hold a slash."""
    maker = offer.provider in FIRST_PARTY and "/" not in offer.model
    return FIRST_PARTY.index(offer.provider) if maker else len(FIRST_PARTY)

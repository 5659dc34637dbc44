"""What each page depends on, told for all of them at once: a text that changes
whenever the page would, so that only those pages are written anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from storage.reading import imprint
from storage.types import text_instant
from storage.unit_of_work import Connection
from tracker.asking.assortment import Sold
from tracker.domain.addresses import model_path
from tracker.domain.families import family_of
from tracker.domain.schedule import PREFIX
from tracker.domain.timeline import has_come
from tracker.web.charts import LINGERS
from tracker.web.model.alternatives import chosen
from tracker.web.model.market import Market, market_of
from tracker.web.model.whole import month_of
from tracker.web.view import View

SIZE = 12
"""Bytes of a mark; there are thousands of pages, not billions."""
_WRAP = (1 << 8 * SIZE) - 1


def marks(view: View) -> dict[str, str]:
    """A text for each page, by its path.

    What is shown as of a sync is shown as of the first day of its month, so that a
    page is written once a month at least, and else only when its offer, or one that it
    shows beside it, has changed.
    """
    market = market_of(view)
    with view.store.reading() as connection:
        offers = imprint.offers(connection)
        own, last = _own(imprint.pieces(connection), view.now)
        voices = _voices(connection, market, month_of(view), last)
    everyone = _hashed(month_of(view).isoformat())
    cards = {sold.offer: _card(sold) for sold in market.sold.values()}
    families = _families(market, cards)
    found = {}
    for id_, offer in offers.items():
        parts = everyone + own[id_] + voices[id_]
        parts += families.get(family_of(offer.model), 0)
        parts += _others(market, market.sold.get(offer), cards)
        found[model_path(offer)] = f"{parts & _WRAP:0{2 * SIZE}x}"
    return found


def _hashed(value: Any) -> int:
    """A number for a value; the sum of some does not depend on their order."""
    said = repr(value).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(said, digest_size=SIZE).digest())


def _card(sold: Sold) -> int:
    """What is sold, its capabilities in an order that does not change between runs."""
    return _hashed((replace(sold, can=frozenset()), sorted(sold.can)))


_STEPS = {"rate": slice(-2, None), "belief": slice(5, 7), "change": slice(4, 5)}
"""Where pieces tell when something happened that a chart may show."""


def _own(
    pieces: Iterable[imprint.Piece], now: datetime
) -> tuple[defaultdict[int, int], dict[int, datetime]]:
    """What is stored of each offer, and when something happened to it last."""
    found: defaultdict[int, int] = defaultdict(int)
    last: dict[int, Any] = {}
    for offer, piece in pieces:
        found[offer] += _hashed(piece)
        for at in piece[_STEPS.get(piece[0], slice(0))]:
            if at is not None and (offer not in last or at > last[offer]):
                last[offer] = at
        if piece[0] == "fact":
            found[offer] += _of_a_day(piece[2], piece[3], now)
    instants = (text_instant(at) if isinstance(at, str) else at for at in last.values())
    return found, dict(zip(last, instants, strict=True))


def _of_a_day(name: str, value: str, now: datetime) -> int:
    """What a fact means today and may not tomorrow."""
    if name == "deprecation_date":
        return _hashed((name, has_come(value, now)))
    if name.startswith(PREFIX):
        return _hashed((name, now.date().isoformat()))
    return 0


def _voices(
    connection: Connection,
    market: Market,
    month: datetime,
    last: Mapping[int, datetime],
) -> defaultdict[int, int]:
    """The sources that speak of each offer: when they were read, and whether they
    still count. A chart that goes on a little after the last change shows what was
    read until then.
    """
    said = {}
    for name, standing in imprint.standings(connection).items():
        reads = [at for at in market.reads.get(name, ()) if at < month]
        said[name] = _hashed((name, standing, reads))
    found: defaultdict[int, int] = defaultdict(int)
    for offer, name in imprint.speakers(connection):
        found[offer] += said[name]
        if offer in last and (end := last[offer] + LINGERS) > month:
            seen = market.reads.get(name, ())
            found[offer] += _hashed((name, [at for at in seen if month <= at <= end]))
    return found


def _families(market: Market, cards: Mapping[Any, int]) -> dict[str, int]:
    """Who else sells each model, and for how much."""
    return {
        family: _hashed(sorted(cards[sold.offer] for sold in members))
        for family, members in market.families.items()
    }


def _others(market: Market, sold: Sold | None, cards: Mapping[Any, int]) -> int:
    """What would do instead, in the order in which it is shown."""
    mine = market.candidate(sold) if sold is not None else None
    if mine is None or not mine.price:
        return 0
    shown = [(cards[one.sold.offer], str(one.price)) for one in chosen(market, mine)]
    return _hashed((mine.basis, str(mine.price), shown))

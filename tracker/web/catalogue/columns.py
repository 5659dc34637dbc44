"""The whole catalogue in one small file, column by column, for the script that filters
it in the reader's browser (`static/offers.js`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tracker.asking.assortment import CAPABILITIES
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.web.catalogue.asked import ABILITIES
from tracker.web.catalogue.stock import Entry, Stock

OWN, STALE, RETIRED, ROUTED = 1, 2, 4, 8
"""Bits of the column `flags`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ODD = re.compile(r"[^A-Za-z0-9._-]")


def columns(stock: Stock) -> dict[str, Any]:
    """The catalogue, in its usual order. Prices are dollars per 1M tokens, `since` is
    in days since 1970, `bits` and `flags` are bits; what repeats is a place in a list.
    """
    entries = stock.entries
    return {
        **names_of([entry.offer for entry in entries]),
        **_coded("mode", [entry.sold.mode for entry in entries]),
        **_coded("source", [entry.sold.source for entry in entries]),
        "input": [_dollars(entry.sold.input) for entry in entries],
        "output": [_dollars(entry.sold.output) for entry in entries],
        "cached": [_dollars(entry.sold.cache_read) for entry in entries],
        "written": [_dollars(entry.sold.cache_write) for entry in entries],
        "context": [entry.sold.context for entry in entries],
        "longest": [entry.sold.longest for entry in entries],
        "bits": [_bits(entry.sold.can) for entry in entries],
        "since": [_day(entry.sold.since) for entry in entries],
        "flags": [_flags(entry) for entry in entries],
        "ends": _told(entry.sold.retired_on for entry in entries),
        "tariffs": _told(entry.tariff for entry in entries),
        "abilities": list(ABILITIES.items()),
        "gone": names_of([offer for offer, _ in stock.gone]),
    }


def names_of(offers: Sequence[Offer]) -> dict[str, Any]:
    """The names of some offers, column by column, and the addresses of their pages."""
    return {
        "paths": _odd_paths(offers),
        **_coded("provider", [offer.provider for offer in offers]),
        **_coded("region", [offer.region for offer in offers]),
        "model": [as_text(offer.model) for offer in offers],
    }


def _coded(name: str, values: Sequence[str]) -> dict[str, Any]:
    """A column as places in the list of its values, the most frequent first."""
    texts = [as_text(value) for value in values]
    count: dict[str, int] = {}
    for text in texts:
        count[text] = count.get(text, 0) + 1
    known = sorted(count, key=lambda text: (-count[text], text))
    place = {text: n for n, text in enumerate(known)}
    return {f"{name}s": known, name: [place[text] for text in texts]}


def _odd_paths(offers: Sequence[Offer]) -> dict[str, str]:
    """The addresses of pages that are not the name with its odd signs written out."""
    paths = ((n, offer, model_path(offer)) for n, offer in enumerate(offers))
    return {str(n): path for n, offer, path in paths if path != _plain_path(offer)}


def _plain_path(offer: Offer) -> str:
    """The address that the script makes of a name by itself."""
    parts = (offer.provider, *offer.model.split("/"))
    path = "/".join(_part(part) for part in parts)
    return (
        f"models/{path}@{_part(offer.region)}/" if offer.region else f"models/{path}/"
    )


def _part(name: str) -> str:
    return _ODD.sub(_written_out, name)


def _written_out(odd: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in odd[0].encode("utf-8", "surrogatepass"))


def _told(values: Iterable[str | None]) -> dict[str, str]:
    return {str(n): as_text(value) for n, value in enumerate(values) if value}


def as_text(value: str) -> str:
    """A text that JSON can hold."""
    return value.encode("utf-8", "replace").decode()


def _dollars(price: Decimal | None) -> float | int | None:
    if price is None:
        return None
    return int(price) if price == price.to_integral_value() else float(price)


def _bits(can: frozenset[str]) -> int:
    return sum(1 << n for n, word in enumerate(CAPABILITIES) if word in can)


def _day(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH).days


def _flags(entry: Entry) -> int:
    said: Mapping[int, bool] = {
        OWN: entry.own,
        STALE: entry.sold.stale,
        RETIRED: entry.retired,
        ROUTED: entry.sold.routed,
    }
    return sum(bit for bit, holds in said.items() if holds)

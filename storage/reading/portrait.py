"""What is stated of some offers today: their cards, rates and facts.

The views answer the same, and rank the rates of every offer before one is picked.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from storage.reading.queries import rows
from storage.views import VIEWS, ranked
from tracker.domain.offers import Offer

Row = dict[str, Any]

_OPEN = "WHERE r.valid_to IS NULL"
"""Where a view of today picks the rates that it ranks."""
_NAMED = "o.provider = :provider AND o.model = :model AND o.region = :region"

_FACTS = f"""
SELECT f.name, f.value, f.number, s.name AS source, k.key AS source_key, f.valid_from
FROM facts f
JOIN source_keys k ON k.id = f.source_key_id
JOIN sources s ON s.id = f.source_id
JOIN offers o ON o.id = k.offer_id
WHERE {_NAMED} AND f.valid_to IS NULL
ORDER BY f.name, {ranked("s")}, s.name, k.key
"""
_MODES = """
SELECT DISTINCT o.provider, o.model, o.region, f.value AS mode
FROM facts f
JOIN source_keys k ON k.id = f.source_key_id
JOIN offers o ON o.id = k.offer_id
WHERE f.name = 'mode' AND f.valid_to IS NULL
"""
_PROVIDERS = "SELECT DISTINCT provider FROM offers"


def narrowed(view: str, condition: str) -> str:
    """A view of today of those offers only that a condition on `o` picks."""
    return VIEWS[view].replace(_OPEN, f"{_OPEN} AND {condition}")


def rates(connection: Connection, offer: Offer) -> list[Row]:
    """The rows of `best_prices` of one offer, by meter."""
    sql = f"{narrowed('best_prices', _NAMED)} ORDER BY meter"
    return rows(connection, sql, _names(offer))


def cards(connection: Connection, model: str) -> list[Row]:
    """The rows of `model_prices` of everyone who sells a model of this name."""
    sql = f"{narrowed('model_prices', 'o.model = :model')} ORDER BY 1, 2, 3"
    return rows(connection, sql, {"model": model})


def facts(connection: Connection, offer: Offer) -> list[Row]:
    """What each source says of an offer besides prices, by name; of several words on
    one thing the best source's comes first.
    """
    return rows(connection, _FACTS, _names(offer))


def modes(connection: Connection) -> list[Row]:
    """What kind of thing each offer is, as any source says; one may have several."""
    return rows(connection, _MODES)


def providers(connection: Connection) -> set[str]:
    """Everyone who ever sold something."""
    return {row["provider"] for row in rows(connection, _PROVIDERS)}


def _names(offer: Offer) -> Mapping[str, str]:
    return {
        "provider": offer.provider,
        "model": offer.model,
        "region": offer.region,
    }

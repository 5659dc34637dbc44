"""What is sold today: the best card of every offer, and what is said it can do."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage.reading.queries import rows
from storage.views import PER, ranked
from tracker.domain.offers import Offer

Row = dict[str, Any]
Key = tuple[str, str, str]
"""Provider, model, region."""

_CARDS = """
SELECT p.provider, p.model, p.region, p.source, s.stale, p.input_usd, p.output_usd,
       p.cache_read_usd, p.cache_write_usd, p.max_input_tokens, p.max_output_tokens,
       p.since
FROM model_prices p JOIN sources s ON s.name = p.source
ORDER BY p.provider, p.model, p.region
"""

# The best source's word comes last, so that it is the one that is kept.
_FACTS = """
SELECT o.provider, o.model, o.region, f.name, f.value
FROM facts f
JOIN source_keys k ON k.id = f.source_key_id
JOIN sources s ON s.id = f.source_id
JOIN offers o ON o.id = k.offer_id
WHERE f.valid_to IS NULL AND f.name IN :names
ORDER BY CASE WHEN s.stale THEN 0 ELSE 1 END,
         CASE WHEN s.provider = o.provider THEN 0 ELSE s.precedence END DESC,
         k.key DESC
"""

# As in the view best_prices, which would rank the rates of every offer first.
_RATES = f"""
SELECT meter, price_nano, per, currency, source FROM (
  SELECT m.key AS meter, r.price_nano, {PER} AS per, r.currency, s.name AS source,
         ROW_NUMBER() OVER (PARTITION BY r.meter_id
                            ORDER BY {ranked("s")}, s.name, k.key) AS place
  FROM rates r
  JOIN offers o ON o.id = r.offer_id
  JOIN sources s ON s.id = r.source_id
  JOIN source_keys k ON k.id = r.source_key_id
  JOIN meters m ON m.id = r.meter_id
  WHERE o.provider = :provider AND o.model = :model AND o.region = :region
    AND r.valid_to IS NULL
) ranked WHERE place = 1 ORDER BY meter
"""

_LAST = """
SELECT meter, old_usd, new_usd, observed_at, effective_at, verdict, reason, source
FROM price_timeline
WHERE provider = :provider AND model = :model AND region = :region
  AND kind IN ('changed', 'returned') AND verdict = 'move'
  AND meter IN ('input', 'output')
  AND old_usd IS NOT NULL AND new_usd IS NOT NULL AND old_usd <> new_usd
ORDER BY observed_at DESC, meter, source LIMIT 4
"""


def cards(connection: Connection) -> list[Row]:
    """One row per offer: the card of its best source, and whether that is stale."""
    return rows(connection, _CARDS)


def facts(connection: Connection, names: Collection[str]) -> dict[Key, dict[str, str]]:
    """What is said of every offer besides prices; of two words the better source's."""
    statement = text(_FACTS).bindparams(bindparam("names", expanding=True))
    found: dict[Key, dict[str, str]] = {}
    for *key, name, value in connection.execute(statement, {"names": sorted(names)}):
        found.setdefault((key[0], key[1], key[2]), {})[name] = value
    return found


def rates(connection: Connection, offer: Offer) -> list[Row]:
    """Every rate of an offer today, each from its best source."""
    return rows(connection, _RATES, _named(offer))


def last_moves(connection: Connection, offer: Offer) -> list[Row]:
    """The newest real moves of an offer's plain input and output, newest first."""
    return rows(connection, _LAST, _named(offer))


def _named(offer: Offer) -> dict[str, str]:
    return {
        "provider": offer.provider,
        "model": offer.model,
        "region": offer.region,
    }

"""The views, for people who write SQL: same names and columns on both databases.

Views are code, not data: they are dropped and made anew whenever the schema is
upgraded, so a view that changes comes with a migration, if an empty one.
"""

_USD = (
    "CASE WHEN {r}.currency = 'USD' THEN "
    "CAST({r}.{column} AS DOUBLE PRECISION) / 1000000000.0 END"
)
PER = (
    "CASE WHEN m.quantum = 1000000 THEN '1M ' || m.unit "
    "WHEN m.quantum = 1 THEN m.unit END"
)


def _usd(row: str, column: str = "price_nano") -> str:
    return _USD.format(r=row, column=column)


_PERIOD = f"""
SELECT o.provider, o.model, o.region, s.name AS source, k.key AS source_key,
       m.key AS meter, m.component, m.unit, m.tier, m.context_above,
       {_usd("r")} AS usd, r.price_nano, {PER} AS per, r.currency,
       r.valid_from, r.valid_to
FROM rates r
JOIN offers o ON o.id = r.offer_id
JOIN sources s ON s.id = r.source_id
JOIN source_keys k ON k.id = r.source_key_id
JOIN meters m ON m.id = r.meter_id
"""

_TIMELINE = f"""
SELECT o.provider, o.model, o.region, s.name AS source, k.key AS source_key,
       m.key AS meter, c.kind,
       {_usd("c", "old_price_nano")} AS old_usd,
       {_usd("c", "new_price_nano")} AS new_usd, {PER} AS per,
       CASE WHEN c.old_price_nano > 0 AND c.new_price_nano IS NOT NULL THEN
         100.0 * (CAST(c.new_price_nano AS DOUBLE PRECISION) - c.old_price_nano)
         / c.old_price_nano END AS pct,
       c.previous_seen_at, c.observed_at, c.effective_at,
       c.verdict, c.reason, c.confidence, c.story
FROM price_changes c
JOIN offers o ON o.id = c.offer_id
JOIN sources s ON s.id = c.source_id
JOIN source_keys k ON k.id = c.source_key_id
JOIN meters m ON m.id = c.meter_id
"""


def ranked(source: str, offer: str = "o") -> str:
    """Who is believed first: the provider itself for its own offers, then by
    precedence (a column of `sources`); one that the last run marked stale last.
    """
    return (
        f"CASE WHEN {source}.stale THEN 1000 ELSE 0 END + "
        f"CASE WHEN {source}.provider = {offer}.provider THEN 0 "
        f"ELSE {source}.precedence END"
    )


_BELIEVED = f"""
SELECT o.provider, o.model, o.region, m.key AS meter,
       {_usd("b")} AS usd, b.price_nano, {PER} AS per, b.currency,
       b.valid_from, b.valid_to, b.basis, s.name AS source, b.known_from
FROM beliefs b
JOIN offers o ON o.id = b.offer_id
JOIN meters m ON m.id = b.meter_id
JOIN sources s ON s.id = b.source_id
WHERE b.known_to IS NULL
"""

_BEST = f"""
SELECT provider, model, region, meter, usd, price_nano, per, currency, source,
       sources_agreeing, sources_disagreeing
FROM (
  SELECT o.provider, o.model, o.region, m.key AS meter, {_usd("r")} AS usd,
         r.price_nano, {PER} AS per, r.currency, s.name AS source,
         ROW_NUMBER() OVER (PARTITION BY r.offer_id, r.meter_id
                            ORDER BY {ranked("s")}, s.name, k.key) AS place,
         (SELECT COUNT(DISTINCT x.source_id) FROM rates x
          JOIN sources xs ON xs.id = x.source_id AND NOT xs.stale
          WHERE x.offer_id = r.offer_id AND x.meter_id = r.meter_id
            AND x.valid_to IS NULL AND x.source_id <> r.source_id
            AND x.price_nano = r.price_nano AND x.currency = r.currency
         ) AS sources_agreeing,
         (SELECT COUNT(DISTINCT x.source_id) FROM rates x
          JOIN sources xs ON xs.id = x.source_id AND NOT xs.stale
          WHERE x.offer_id = r.offer_id AND x.meter_id = r.meter_id
            AND x.valid_to IS NULL AND x.source_id <> r.source_id
            AND (x.price_nano <> r.price_nano OR x.currency <> r.currency)
         ) AS sources_disagreeing
  FROM rates r
  JOIN offers o ON o.id = r.offer_id
  JOIN sources s ON s.id = r.source_id
  JOIN source_keys k ON k.id = r.source_key_id
  JOIN meters m ON m.id = r.meter_id
  WHERE r.valid_to IS NULL
) ranked WHERE place = 1
"""


def _card_column(meter: str, name: str) -> str:
    return (
        f"MAX(CASE WHEN m.key = '{meter}' AND r.currency = 'USD' THEN "
        f"CAST(r.price_nano AS DOUBLE PRECISION) / 1000000000.0 END) AS {name}"
    )


def _limit(name: str) -> str:
    return (
        f"(SELECT CAST(MAX(f.number) AS BIGINT) FROM facts f "
        f"WHERE f.source_key_id = t.source_key_id AND f.name = '{name}' "
        f"AND f.valid_to IS NULL) AS {name}"
    )


_OTHERS = """
(SELECT COUNT(DISTINCT x.source_id) FROM rates x
 JOIN sources xs ON xs.id = x.source_id AND NOT xs.stale
 JOIN rates y ON y.source_key_id = t.source_key_id AND y.meter_id = x.meter_id
 JOIN meters xm ON xm.id = x.meter_id
 WHERE x.offer_id = t.offer_id AND x.source_id <> t.source_id
   AND x.valid_to IS NULL AND y.valid_to IS NULL
   AND xm.key IN ('input', 'output') AND {condition})
"""
_SAME = "x.price_nano = y.price_nano AND x.currency = y.currency"
_DISAGREEING = _OTHERS.format(condition=f"NOT ({_SAME})")
_STATING = _OTHERS.format(condition="1 = 1")

_MODELS = f"""
SELECT t.provider, t.model, t.region, t.source, t.input_usd, t.output_usd,
       t.cache_read_usd, t.cache_write_usd,
       {_limit("max_input_tokens")}, {_limit("max_output_tokens")},
       {_STATING} - {_DISAGREEING} AS sources_agreeing,
       {_DISAGREEING} AS sources_disagreeing, t.since
FROM (
  SELECT o.provider, o.model, o.region, s.name AS source,
         r.source_key_id, r.offer_id, r.source_id,
         {_card_column("input", "input_usd")},
         {_card_column("output", "output_usd")},
         {_card_column("cache_read", "cache_read_usd")},
         {_card_column("cache_write", "cache_write_usd")},
         MAX(r.valid_from) AS since,
         ROW_NUMBER() OVER (PARTITION BY r.offer_id
                            ORDER BY {ranked("s")}, s.name, k.key) AS place
  FROM rates r
  JOIN offers o ON o.id = r.offer_id
  JOIN sources s ON s.id = r.source_id
  JOIN source_keys k ON k.id = r.source_key_id
  JOIN meters m ON m.id = r.meter_id
  WHERE r.valid_to IS NULL
  GROUP BY o.provider, o.model, o.region, s.name, s.provider, s.precedence,
           s.stale, r.source_key_id, r.offer_id, r.source_id, k.key
) t WHERE t.place = 1
"""

VIEWS: dict[str, str] = {
    "price_history": _PERIOD,
    "current_prices": _PERIOD + "WHERE r.valid_to IS NULL",
    "believed_prices": _BELIEVED,
    "price_timeline": _TIMELINE,
    "model_prices": _MODELS,
    "best_prices": _BEST,
}

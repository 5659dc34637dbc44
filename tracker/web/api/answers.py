"""What is answered: each from one state of the database, as plain rows."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from itertools import islice
from math import isfinite
from typing import Any

import orjson

from storage.reading import news, paging, portrait, queries
from storage.unit_of_work import Connection
from tracker import wiring
from tracker.asking.assortment import able, capabilities, exact_card, tokens
from tracker.asking.pricing import Question
from tracker.asking.pricing import prices as priced
from tracker.domain.offers import Offer
from tracker.judging.witnessing import witnessed
from tracker.web.api import asked as ask
from tracker.web.api import catalogue, cursors
from tracker.web.api.finding import (
    found_model,
    known_provider,
    known_source,
    meters_of,
    named,
    span,
)
from tracker.web.api.paging import page_of
from tracker.web.api.problems import no_such, of_parameter
from tracker.web.view import View

Row = dict[str, Any]

_NAMED = (cursors.as_number, *(cursors.as_text,) * 3)
_CHANGED = (cursors.as_instant, *(cursors.as_text,) * 7)
_CENT = Decimal("0.01")
_NEVER_READ: Row = {
    **dict.fromkeys(("source", "last_capture_at", "version")),
    **dict.fromkeys(("captures", "offers", "rates", "missing", "held"), 0),
    **dict.fromkeys(("last_outcome", "note")),
}


def models(view: View, asked: ask.ModelsAsked) -> Row:
    """A page of the catalogue."""
    known_provider(view, asked.provider)
    stock = catalogue.catalogue(view)
    if asked.mode is not None and asked.mode not in stock.modes:
        raise no_such("mode", asked.mode, stock.modes)
    wanted = catalogue.Wanted(
        asked.provider,
        asked.mode,
        asked.q,
        capabilities(asked.can),
        tokens(asked.min_context),
    )
    after = None
    if asked.cursor is not None:
        places = (entry.place(asked.sort) for entry in stock.entries)
        after = cursors.read(asked.question, asked.cursor, _NAMED, lambda _: places)
    found = stock.matching(wanted, asked.sort, after)
    entries = list(islice(found, asked.limit + 1))
    shown = entries[: asked.limit]
    following = None
    if len(entries) > len(shown):
        following = cursors.written(asked.question, shown[-1].place(asked.sort))
    return {"next": following, "rows": [entry.row for entry in shown]}


def model(view: View, text: str) -> Row:
    """One model: its card, what it can, its rates, and who else sells it."""
    offer = found_model(view, text).offer
    with view.store.reading() as connection:
        cards = portrait.cards(connection, offer.model)
        rates = portrait.rates(connection, offer)
        stated = portrait.facts(connection, offer)
    mine = [card for card in cards if _is(card, offer)]
    said: dict[str, str] = {}
    for fact in stated:
        said.setdefault(fact["name"], fact["value"])
    cached = bool(mine) and mine[0]["cache_read_usd"] is not None
    limits, abilities, facts = _told(stated)
    return {
        "offer": named(view, offer),
        "card": exact_card(mine[0]) if mine else None,
        "mode": said.get("mode"),
        "can": sorted(able(said, cached=cached)),
        "retired_on": said.get("deprecation_date"),
        "rates": rates,
        "limits": limits,
        "capabilities": abilities,
        "facts": facts,
        "also_sold_by": [exact_card(card) for card in cards if not _is(card, offer)],
    }


def _is(row: Row, offer: Offer) -> bool:
    return Offer(row["provider"], row["model"], row["region"]) == offer


def _told(stated: Iterable[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Facts by what they are: numbers, what can be and what not, and the rest."""
    limits, abilities, facts = [], [], []
    for fact in stated:
        value, number = fact["value"], fact["number"]
        told = {k: fact[k] for k in ("name", "source", "source_key", "valid_from")}
        if number is not None and isfinite(number):
            whole = int(number) if number == int(number) else number
            limits.append({**told, "value": whole})
        elif value in ("true", "false"):
            abilities.append({**told, "value": value == "true"})
        else:
            facts.append({**told, "value": _read(value)})
    return limits, abilities, facts


def _read(value: str) -> Any:
    """A fact as the JSON that its source stated, or as text."""
    try:
        return orjson.loads(value)
    except ValueError:
        return value


def prices(view: View, asked: ask.PricesAsked) -> Row:
    """What a model costs, or cost on a day."""
    if asked.as_published and asked.known_at is not None:
        raise of_parameter("known_at", "what was published hangs on no belief")
    found = found_model(view, asked.model)
    at, known_at = ask.moment(asked.at), ask.moment(asked.known_at)
    question = Question(at, known_at, asked.as_published)
    answer = priced(view.store, found.offer, question, now=view.now)
    rows = _only(answer.rows, asked.meter)
    return {
        "offer": named(view, found.offer),
        "also": [offer.text for offer in found.also],
        "at": at,
        "known_at": known_at,
        "unseen": answer.unseen,
        "retired_on": answer.retired_on,
        **page_of(rows, asked),
    }


def history(view: View, asked: ask.HistoryAsked) -> Row:
    """The periods of a model's prices."""
    known_source(asked.source)
    bounds = span(asked.since, asked.until)
    found = found_model(view, asked.model)
    name = "price_history" if asked.source else "believed_prices"
    with view.store.reading() as connection:
        rows = queries.history_of(
            connection, [found.offer], view=name, source=asked.source, **bounds
        )
        if not asked.source:
            rows = _witnessed(connection, found.offer, rows)
    return {
        "offer": named(view, found.offer),
        "also": [offer.text for offer in found.also],
        **page_of(_only(rows, asked.meter), asked),
    }


def _witnessed(connection: Connection, offer: Offer, rows: list[Row]) -> list[Row]:
    """Each period with the other sources that said the same during it."""
    said = queries.history_of(connection, [offer], view="price_history")
    found = witnessed(rows, said)
    return [{**row, "witnesses": " ".join(row["witnesses"])} for row in found]


def _only(rows: list[Row], meters: list[str]) -> list[Row]:
    wanted = meters_of(meters)
    return [row for row in rows if row["meter"] in wanted] if meters else rows


def changes(view: View, asked: ask.ChangesAsked) -> Row:
    """A page of the timeline."""
    filters = _filters(view, asked)
    newest = asked.order == "newest"
    with view.store.reading() as connection:
        after = _after(connection, asked)
        page = paging.Page(newest, after, asked.limit + 1)
        rows = paging.changes(connection, filters, page)
    shown = rows[: asked.limit]
    last = asked.cursor
    if shown:
        place = [shown[-1][column] for column in paging.PLACE]
        last = cursors.written(asked.question, place)
    return {
        "next": last if len(rows) > len(shown) else None,
        "resume": None if newest else last,
        "rows": shown,
    }


def _filters(view: View, asked: ask.ChangesAsked) -> Row:
    """The conditions of a question, as the timeline takes them."""
    known_provider(view, asked.provider)
    known_source(asked.source)
    meters = meters_of([asked.meter] if asked.meter else [])
    anything = asked.model is not None and set(asked.model) == {"*"}
    return {
        **span(asked.since, asked.until),
        "model": None if anything else asked.model,
        "provider": asked.provider,
        "source": asked.source,
        "meter": next(iter(meters), None),
        "verdict": asked.verdict,
        "kind": asked.kind,
        "least": _least(asked.min_pct),
    }


def _least(pct: float | None) -> float | None:
    """The least step that is at least so many per cent once it is rounded as it is
    told, to two places.
    """
    if pct is None:
        return None
    told = Decimal(str(pct)).quantize(_CENT, ROUND_CEILING)
    return float(told - _CENT / 2)


def _after(connection: Connection, asked: ask.ChangesAsked) -> paging.Place | None:
    if asked.cursor is None:
        return None

    def places(at: Any) -> Iterable[paging.Place]:
        rows = paging.at(connection, at)
        return (tuple(row[column] for column in paging.PLACE) for row in rows)

    return cursors.read(asked.question, asked.cursor, _CHANGED, places)


def sources(view: View, _asked: ask.Nothing) -> Row:
    """Every source there is, and how fresh it is."""
    with view.store.reading() as connection:
        known = {row["source"]: row for row in queries.source_health(connection)}
        stale = news.stale_sources(connection)
    rows = []
    for spec in wiring.all_sources():
        row = {**_NEVER_READ, "source": spec.name, **known.get(spec.name, {})}
        told = {column: row[column] for column in _NEVER_READ}
        rows.append({**told, "home": spec.home, "stale": spec.name in stale})
    return {"rows": rows}

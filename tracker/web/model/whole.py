"""The whole page of one offer, read in one transaction and worked out part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from shlex import quote
from typing import Any

from storage.reading import dossier
from storage.reading.news import change_name
from storage.unit_of_work import Connection
from tracker.asking.assortment import ALIKE, ROUTERS, Sold
from tracker.domain.offers import Offer
from tracker.reports.wording import harmless
from tracker.web.model import abilities, standing, steadiness, timeline, today
from tracker.web.model.alternatives import Alternatives, alternatives
from tracker.web.model.elsewhere import Elsewhere, elsewhere
from tracker.web.model.market import TALK, Market, market_of
from tracker.web.model.timeline import held
from tracker.web.model.turns import Turn, turns_of
from tracker.web.view import View

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """What is stored of an offer: rows of `storage.reading.dossier`."""

    keys: list[Row]
    periods: list[Row]
    beliefs: list[Row]
    changes: list[Row]
    verdicts: list[Row]
    facts: list[Row]
    holds: list[Row]
    renamed: Mapping[str, Offer]


@dataclass(frozen=True, slots=True)
class Whole:
    """All that the page shows.

    Attributes:
        offer: what is sold.
        mode: chat, embedding, ...; empty if nobody says.
        card: what it costs.
        talk: what a typical conversation costs, in dollars; None if not to be told.
        sold: its card as the rest of the market sees it; None if it has no price.
        notes: the state it is in.
        ahead: announced prices.
        untold: meters whose price a source does not tell, and what it says instead.
        able: what it can.
        turns: what was added to that or lost, newest first.
        steady: how its main prices have stood.
        confirmed: by how many reads, in sentences.
        elsewhere: who else sells the model.
        others: what else would do.
        line: every change.
        sources: who speaks of it, those who are believed first at the front.
        records: the rows themselves, for the tables.
    """

    offer: Offer
    mode: str
    card: today.Card
    talk: Decimal | None
    sold: Sold | None
    notes: tuple[standing.Note, ...]
    ahead: tuple[standing.Ahead, ...]
    untold: tuple[tuple[str, str], ...]
    able: abilities.Abilities
    turns: tuple[Turn, ...]
    steady: tuple[steadiness.Steady, ...]
    confirmed: tuple[str, ...]
    elsewhere: Elsewhere
    others: Alternatives | None
    line: timeline.Timeline
    sources: tuple[str, ...]
    records: Records

    @property
    def all_steady(self) -> bool:
        """Whether none of its main prices ever moved."""
        return steadiness.all_steady(self.steady)

    @property
    def routed(self) -> bool:
        """Whether what it costs depends on to whom a request is passed."""
        return self.offer.provider in ROUTERS

    @property
    def holds(self) -> list[Row]:
        """What was ever held back of it, each with `why`, in words."""
        return [{**row, "why": held(row["reason"])} for row in self.records.holds]

    @property
    def pending(self) -> list[Row]:
        """What is held back of it and waits for somebody to look."""
        return [row for row in self.records.holds if row["status"] == "pending"]

    @property
    def command(self) -> str:
        """What to type for its history; names may hold whatever a shell would read."""
        return f"pricetrail history {quote(harmless(self.offer.text))}"

    @property
    def last_turns(self) -> tuple[Turn, ...]:
        """What came and went on the newest day on which anything did."""
        return tuple(turn for turn in self.turns if turn.at == self.turns[0].at)


def month_of(view: View) -> datetime:
    """The first instant of the month in which the state was written: what a page
    shows as of a sync, it shows as of then.
    """
    at = view.stamp.at or view.now
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def whole_of(view: View, offer: Offer) -> Whole | None:
    """The page of an offer; None if it was never met."""
    market = market_of(view)
    with view.store.reading() as connection:
        found = _records(connection, offer)
    return None if found is None else _worked_out(view, market, offer, found)


def _records(connection: Connection, offer: Offer) -> Records | None:
    id_ = dossier.offer_id(connection, offer)
    if id_ is None:
        return None
    keys = dossier.keys(connection, id_)
    ids = [row["id"] for row in keys]
    changes = dossier.changes(connection, id_)
    judged = {change_name(row) for row in changes if row["verdict"]}
    renamed: dict[str, Offer] = {}
    for row in keys:
        if row["renamed_to"]:
            names = [row["renamed_to"]]
            renamed |= dossier.offers_keyed(connection, row["source_id"], names)
    return Records(
        keys,
        dossier.periods(connection, id_),
        dossier.beliefs(connection, id_),
        changes,
        dossier.verdicts(connection, judged),
        dossier.facts(connection, ids),
        dossier.holds(connection, ids),
        renamed,
    )


def _worked_out(view: View, market: Market, offer: Offer, found: Records) -> Whole:
    sold = market.sold.get(offer)
    card = today.card_of(offer.provider, found.beliefs, found.periods, view.now)
    facts = _standing_facts(found.facts)
    able = abilities.abilities_of(offer.provider, facts, _priced(card))
    month = month_of(view)
    steady = steadiness.steadiness(card, found.beliefs, market.reads, month)
    mode = able.told.get("mode") or (sold.mode if sold else "")
    return Whole(
        offer=offer,
        mode=ALIKE.get(mode, mode),
        card=card,
        talk=_talk(card),
        sold=sold,
        notes=standing.standing(found.keys, able.told, found.renamed, view.now),
        ahead=standing.ahead(able.told, view.now.date()),
        untold=tuple(abilities.priced_states(found.facts)),
        able=able,
        turns=turns_of(found.facts),
        steady=steady,
        confirmed=tuple(steadiness.confirmed(steady, month)),
        elsewhere=elsewhere(market, offer),
        others=alternatives(market, sold, _known(able)) if sold else None,
        line=timeline.timeline_of(found.changes, found.verdicts, found.periods),
        sources=tuple(dict.fromkeys(row["source"] for row in found.keys)),
        records=found,
    )


def _standing_facts(facts: list[Row]) -> list[Row]:
    """The facts of today; of what is gone, those that were stated last."""
    if not facts or any(row["valid_to"] is None for row in facts):
        return facts
    last = max(row["valid_to"] for row in facts)
    return [{**row, "valid_to": None} for row in facts if row["valid_to"] == last]


def _priced(card: today.Card) -> dict[str, abilities.Word]:
    """The capabilities that a price shows."""
    found: dict[str, abilities.Word] = {}
    for meter, line in card.lines.items():
        for prefix, (name, words) in _SHOWN_BY.items():
            if meter.startswith(prefix) and not card.ended:
                word = abilities.Word(line.source, "yes", line.since, words)
                found.setdefault(name, word)
    return found


_SHOWN_BY = {
    "cache_read": ("Prompt caching", "it has a price for cached input"),
    "search.": ("Web search", "it has a price for searches"),
}
"""What a meter's price shows, by how its key begins."""


def _known(able: abilities.Abilities) -> frozenset[str]:
    """What a price shows that it can, in words of CAPABILITIES."""
    yes = {row.name for row in able.rows if row.value == "yes"}
    return frozenset({"search"} if "Web search" in yes else ())


def _talk(card: today.Card) -> Decimal | None:
    """What a typical conversation costs at the prices of the page."""
    lines = [card.lines.get(meter) for meter in steadiness.LINES]
    prices = [line.usd for line in lines if line is not None]
    told = [price for price in prices if price is not None]
    if len(told) < len(lines):
        return None
    paid = zip((TALK.input, TALK.output), told, strict=True)
    return sum((n * price for n, price in paid), Decimal(0)) / 10**6

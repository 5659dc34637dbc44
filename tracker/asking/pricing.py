"""What an offer cost at an instant: as believed, as published, as once believed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.reading import queries
from storage.unit_of_work import Store
from tracker.domain.offers import Offer

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """Which prices are asked for.

    Attributes:
        at: the instant; today if None.
        known_at: whose belief counts: that of this instant; ours if None.
        published: what the sources said then, not what is believed.
    """

    at: datetime | None = None
    known_at: datetime | None = None
    published: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a view; `unseen` if the offer was first seen only after that
    instant, some time after it had come.
    """

    rows: list[Row]
    unseen: bool = False
    retired_on: str | None = None


def lifetime(store: Store, offer: Offer, *, published: bool) -> tuple[Any, Any] | None:
    """From when until when there are prices of an offer, an end of None for today's;
    None if there never was one.
    """
    view = "price_history" if published else "believed_prices"
    with store.reading() as connection:
        rows = queries.history_of(connection, [offer], view=view)
    ends = [row["valid_to"] for row in rows]
    if not rows:
        return None
    return min(row["valid_from"] for row in rows), None if None in ends else max(ends)


def prices(store: Store, offer: Offer, question: Question, *, now: datetime) -> Answer:
    """The prices of an offer."""
    view = "price_history" if question.published else "believed_prices"
    with store.reading() as connection:
        facts = queries.facts_of(connection, offer)
        retired = facts.get("deprecation_date")
        if question.known_at is not None and not question.published:
            at = question.at or now
            known = question.known_at
            rows = queries.believed_as_known(connection, offer, at=at, known_at=known)
            return Answer(rows, retired_on=retired)
        rows = queries.prices_of(connection, [offer], view=view, at=question.at)
        if rows or question.at is None:
            return Answer(rows, retired_on=retired)
        unseen = queries.first_sightings(connection, offer, view=view, at=question.at)
    return Answer(unseen, unseen=bool(unseen), retired_on=retired)

"""Reading what there is to tell a subscription."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from storage import digests
from storage.reading import news, presence, queries
from storage.unit_of_work import Connection
from tracker.asking.stories import told as stories_of
from tracker.domain.schedule import PREFIX
from tracker.reports.abilities import same
from tracker.reports.moves import bare_name
from tracker.reports.news import News, Place
from tracker.reports.scheduled import announced
from tracker.reports.settings import Subscription
from tracker.reports.watching import (
    meter_watcher,
    offer_text,
    unmatched,
    watcher,
)

Row = dict[str, Any]

AHEAD = timedelta(days=60)
"""How far ahead the end of a model is told."""

FIRST = timedelta(days=7)
"""How far back a subscription's first digest looks."""

MANY = 100
"""How many offers one question is about."""

CAPABILITIES = (
    *("max_input_tokens", "max_output_tokens", "mode", "supported_modalities"),
    *("supported_output_modalities", "supported_endpoints"),
)
_TROUBLE = ("failed", "held", "rejected")


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked for.

    Attributes:
        since, until: when it was seen, both included.
        fresh: as if nothing had been told yet.
        live: whether `until` is now, so that the state of the sources is news too.
        last: when the subscriber was told last.
    """

    since: datetime
    until: datetime
    fresh: bool = False
    live: bool = True
    last: datetime | None = None


def select(connection: Connection, subscription: Subscription, window: Window) -> News:
    """Read what was seen in a window and not told to a subscription yet.

    Args:
        connection: one state of the database.
        subscription: who is to be told.
        window: what is asked for.
    """
    name = subscription.name
    known = set() if window.fresh else digests.told_names(connection, name)
    watched = watcher(subscription)
    found = [
        row
        for row in news.changes(connection, window.since, window.until)
        if row["change"] not in known and watched(row)
    ]
    steps, others = _parted(found, subscription)
    stories = stories_of(others, *_around(connection, window)) if others else []
    stories = [s for s in stories if s.plot.what not in ("first seen", "changed")]
    happened = [*steps, *(row for story in stories for row in story.rows)]
    offers = {row["offer_id"] for row in happened}
    metered = meter_watcher(subscription)
    held = [*news.holds(connection, window.until), *_held_steps(found)]
    holds = [row for row in held if not row["meter"] or metered(row["meter"].lower())]
    return News(
        since=window.since,
        until=window.until,
        last=window.last,
        steps=steps,
        stories=stories,
        told={} if window.fresh else digests.told_values(connection, name),
        believed=_by_place(news.believed(connection, offers, window.until)),
        stated=_lists(news.stated(connection, offers, window.until)),
        first=news.first_seen(connection, offers),
        sellers=_sellers(connection),
        facts=list(_facts(connection, window, watched, known)),
        deprecations=list(_deprecations(connection, window, watched, known)),
        schedules=_schedules(connection, window, watched, known, metered),
        holds=[_named(row) for row in holds if watched(row)],
        troubles=_troubles(connection) if window.live else {},
        amended=[] if window.fresh else _amended(connection, name, window.until),
        known=frozenset(known),
        unmatched=list(_unmatched(connection, subscription)),
    )


def _sellers(connection: Connection) -> dict[str, int]:
    """How many sell a model, whoever's name they put before it."""
    found: dict[str, int] = defaultdict(int)
    for model, sold in news.sellers(connection).items():
        found[bare_name(model)] += sold
    return found


def _unmatched(connection: Connection, subscription: Subscription) -> Iterable[str]:
    """What the subscription names and is nowhere."""
    offers = list(queries.offer_names(connection))
    used = [offer for offer in offers if offer.text in subscription.mix]
    billed: dict[str, set[str]] = {offer.text: set() for offer in used}
    for at in range(0, len(used), MANY):
        some = used[at : at + MANY]
        for row in queries.history_of(connection, some, view="believed_prices"):
            billed[offer_text(row)].add(row["meter"])
    rows, meters = [asdict(offer) for offer in offers], news.meter_keys(connection)
    return unmatched(subscription, rows, meters, billed)


def _parted(
    found: list[Row], subscription: Subscription
) -> tuple[list[Row], list[Row]]:
    """Judged steps of watched meters, and what is no step of them; what was not judged
    yet waits.
    """
    metered = meter_watcher(subscription)
    steps, others = [], []
    for row in found:
        if not metered(row["meter"].lower()):
            continue
        if row["verdict"]:
            if row["verdict"] != "held":
                steps.append(row)
        elif not _is_step(row):
            others.append(row)
    return steps, others


def _is_step(row: Row) -> bool:
    old, new = row["old_price_nano"], row["new_price_nano"]
    return row["kind"] in ("changed", "returned") and old != new


def _around(connection: Connection, window: Window) -> tuple[Any, Any]:
    until = window.until + timedelta(seconds=1)
    filters = {"since": window.since, "until": until}
    return presence.around(connection, filters), presence.renames(connection)


def _by_place(rows: Iterable[Row]) -> dict[Place, Row]:
    return {(row["offer_id"], row["meter_id"]): row for row in rows}


def _lists(rows: Iterable[Row]) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["offer_id"], row["meter_id"]].append(row)
    return found


def _facts(
    connection: Connection, window: Window, watched: Any, known: set[str]
) -> Iterable[Row]:
    """Capabilities that changed; what several sources say is one, of the best."""
    found = news.capabilities(connection, window.since, window.until, CAPABILITIES)
    told: dict[tuple[str, str], Row] = {}
    for row in found:
        at = row["observed_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = ("fact", row["source"], row["source_key"], row["name"], at)
        name = "|".join(parts)
        if name in known or not watched(row):
            continue
        mine = told.setdefault((offer_text(row), row["name"]), {**row, "changes": []})
        mine["changes"].append(name)
        if row["source_key"] == mine["source_key"]:
            mine["new"] = row["new"]
    return (row for row in told.values() if not same(row["old"], row["new"]))


def _deprecations(
    connection: Connection, window: Window, watched: Any, known: set[str]
) -> Iterable[Row]:
    first, last = window.until.date(), (window.until + AHEAD).date()
    found = news.deprecations(
        connection, window.until, first.isoformat(), last.isoformat()
    )
    seen: set[str] = set()
    for row in found:
        name = f"ends|{offer_text(row)}|{row['value'][:10]}"
        if name not in known and name not in seen and watched(row):
            seen.add(name)
            yield {**row, "change": name}


def _schedules(
    connection: Connection, window: Window, watched: Any, known: set[str], metered: Any
) -> list[Row]:
    """Prices announced for a day, each with today's."""

    def wanted(row: Any) -> bool:
        return bool(watched(row) and metered(row["name"].removeprefix(PREFIX)))

    stated = news.schedules(connection, window.until)
    found = [dict(row) for row in announced(stated, known, window.until, wanted)]
    offers = {offer_text(row) for row in found}
    today = news.believed_by_name(connection, offers, window.until)
    for row in found:
        now = today.get((offer_text(row), row["name"].removeprefix(PREFIX)))
        row["now_nano"], row["now_currency"] = now or (None, None)
    return found


def _held_steps(found: list[Row]) -> list[Row]:
    """Steps that the judge holds, beside the values that the gate does."""
    return [
        {
            **row,
            "scope": "step",
            "raw": "",
            "price_nano": row["new_price_nano"],
            "held_at": row["observed_at"],
        }
        for row in found
        if row["verdict"] == "held"
    ]


def _named(row: Row) -> Row:
    at = row["held_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = (row["source"], row["scope"], row["source_key"] or "", row["meter"] or "")
    return {**row, "change": "|".join(("held", *parts, str(row["raw"])[:200], at))}


def _troubles(connection: Connection) -> dict[str, str]:
    """Sources that are stale or failing, in words."""
    stale = news.stale_sources(connection)
    found = {}
    for row in queries.source_health(connection):
        last = row["last_capture_at"]
        since = f"read last on {last:%Y-%m-%d}" if last else "never read"
        if row["last_outcome"] in _TROUBLE:
            note = f": {row['note']}" if row["note"] else ""
            found[row["source"]] = f"{row['last_outcome']}, {since}{note}"
        elif row["source"] in stale:
            found[row["source"]] = f"stale, {since}"
    return found


def _amended(connection: Connection, name: str, until: datetime) -> list[Row]:
    """What was told and is judged otherwise now, with what is believed instead."""
    found = digests.amended(connection, name)
    wanted = {row["offer"] for row in found}
    believed = news.believed_by_name(connection, wanted, until)
    every = queries.offer_names(connection) if found else []
    offers = {offer.text: asdict(offer) for offer in every}
    for row in found:
        row.update(offers.get(row["offer"], {}))
        now = believed.get((row["offer"], row["meter"]))
        row["believed_nano"], row["believed_currency"] = now or (None, None)
    return found

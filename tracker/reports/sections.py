"""Everything in a digest besides real moves, in lines. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from storage.digests import Item
from tracker.domain.gate import REASONS as HOLD_REASONS
from tracker.domain.judge import REASONS
from tracker.domain.schedule import PREFIX
from tracker.reports.digest import Line, Section
from tracker.reports.moves import FAN, Sorted
from tracker.reports.news import News, Row
from tracker.reports.settings import Subscription
from tracker.reports.watching import offer_text
from tracker.reports.wording import counted, day, listed, price, short, step
from tracker.stories import Story

FEW = 4
"""How many names a line spells out."""
WORDS = 60
"""How long a capability's value may be in a line."""

GONE = ("withdrawn", "retired", "renamed")
RATES = ("rates added", "rates dropped", "rates back")


def sections_of(
    news: News, subscription: Subscription, found: Sorted
) -> Iterator[Section]:
    """The sections in the order they are told; some may be empty."""
    wanted = set(subscription.verdicts)
    yield _section("amendments", "Taken back", _amendments(news))
    yield _section("new", "New models", _launches(news))
    yield _section("gone", "Withdrawn", _gone(news, GONE))
    yield _section("back", "Back again", _gone(news, ("returned",)))
    yield _section("ending", "Ending within 60 days", _ending(news))
    yield _section("ahead", "Scheduled prices", _ahead(news))
    yield _section("facts", "Capabilities and limits", _facts(news))
    yield _section("rates", "Rates added and dropped", _rates(news))
    if "correction" in wanted:
        lines = _judged(news, "correction", subscription)
        yield _section("corrections", "Corrections of earlier data, no moves", lines)
    if "flap" in wanted:
        lines = _judged(news, "flap", subscription)
        yield _section("flaps", "Flaps: left and taken again", lines)
    elsewhere = _elsewhere(found.elsewhere)
    yield _section("elsewhere", "Said by a source that is not followed", elsewhere)
    if "held" in wanted:
        yield _section("held", "Held for review", _held(news))
    trouble = [Line(f"{n}: {short(why, 200)}") for n, why in news.troubles.items()]
    yield _section("sources", "Sources in trouble", trouble, news=False)


def _section(
    key: str, title: str, lines: Iterable[Line], *, news: bool = True
) -> Section:
    told = tuple(lines)
    records = sum(len({_about(r) for r in line.records}) or 1 for line in told)
    return Section(key, title, told, records, news=news)


def _about(record: dict[str, Any]) -> str:
    return str(record.get("offer") or record)


def record_of(row: Row, section: str) -> dict[str, Any]:
    """A change as a row of the attached table."""
    return {
        **row,
        "section": section,
        "offer": offer_text(row) if row.get("provider") else "",
    }


def _item(row: Row, nano: int | None) -> Item:
    """A change as it is remembered, with the value in mind from now on, if any."""
    return Item(
        change=row["change"],
        offer=offer_text(row),
        meter=row["meter"],
        price_nano=nano,
        currency=row["currency"] if nano is not None else None,
        verdict=row["verdict"],
    )


def _line(head: str, rows: Iterable[Row], section: str, *details: str) -> Line:
    mine = list(rows)
    return Line(
        head,
        tuple(detail for detail in details if detail),
        tuple(_item(row, row["new_price_nano"]) for row in mine),
        tuple(record_of(row, section) for row in mine),
    )


def _amendments(news: News) -> Iterator[Line]:
    """What was told and is judged otherwise now: one line for each offer."""
    offers: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in news.amended:
        told = day(row["observed_at"])
        offers[row["offer"], told, row["told"], row["verdict"]].append(row)
    for (offer, told, before, after), rows in offers.items():
        meters, left = listed((row["meter"] for row in rows), FEW)
        more = f" and {left} more" if left else ""
        why = REASONS.get(rows[0]["reason"] or "", rows[0]["reason"] or "")
        head = f"{short(offer)} {meters}{more}: {_taken_back(before, after)}"
        records = tuple({**row, "section": "amendments"} for row in rows)
        yield Line(head, (f"mailed on {told}", why, _standing(rows)), (), records)


def _taken_back(before: str, after: str) -> str:
    if after == "move":
        return f"what we called a {before} was a real move"
    if before == "move":
        return {
            "correction": "the move was none: the data was wrong",
            "flap": "the move did not last: it was a flap",
        }.get(after, "the move is in doubt and held for review")
    return f"what we called a {before} was a {after}"


def _standing(rows: list[Row]) -> str:
    """What is believed now of what was taken back."""
    believed = [
        f"{row['meter']} {price(row['believed_nano'], row['currency'])}"
        for row in rows[:FEW]
        if row.get("believed_nano") is not None and row["currency"]
    ]
    return f"believed now: {', '.join(believed)}" if believed else ""


def _launches(news: News) -> Iterator[Line]:
    """New offers by provider, with what they cost."""
    offers: dict[str, list[Row]] = {}
    for story in news.stories:
        if story.plot.what != "new":
            continue
        for row in story.rows:
            earlier = news.first.get(row["offer_id"])
            if earlier is None or earlier >= row["observed_at"]:
                offers.setdefault(offer_text(row), []).append(row)
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for offer, rows in sorted(offers.items()):
        alike[rows[0]["provider"], _card(rows)].append(offer)
    for (provider, card), names in alike.items():
        if len(names) < FAN:
            for offer in names:
                yield _line(short(offer), offers[offer], "new", card)
            continue
        told, left = listed(names, FEW * 2)
        more = f" and {left} more" if left else ""
        rows = [row for offer in names for row in offers[offer]]
        head = f"{len(names)} {short(provider)} offers, each {card}"
        yield _line(head, rows, "new", told + more)


def _card(rows: list[Row]) -> str:
    """The plain rates of a card: input and output, else whatever it has first."""
    stated = {row["meter"]: row for row in rows if row["new_price_nano"] is not None}
    plain = [m for m in ("input", "output", "cache_read") if m in stated]
    chosen = plain or sorted(stated)[:FEW]
    told = [
        f"{short(m)} {price(stated[m]['new_price_nano'], stated[m]['currency'])}"
        for m in chosen
    ]
    left = len(stated) - len(chosen)
    more = f", {counted(left, 'more rate')}" if left else ""
    return ", ".join(told) + more


def _gone(news: News, wanted: tuple[str, ...]) -> Iterator[Line]:
    """Offers that left, or those that are back; by story, names spelled out."""
    for story in news.stories:
        what = story.plot.what
        if what in wanted:
            names, left = listed(_offers(story), FEW * 2, width=200)
            more = f" and {left} more" if left else ""
            left_by = "" if what == "returned" else _still(story, news)
            head = f"{story.source}: {counted(story.offers, 'offer')} {what}"
            details = (names + more, story.because, left_by)
            section = "back" if what == "returned" else "gone"
            yield _line(head, story.rows, section, *details)


def _offers(story: Story) -> list[str]:
    if story.renamed:
        return [f"{short(a)} → {short(b)}" for a, b in sorted(story.renamed.items())]
    return sorted({offer_text(row) for row in story.rows})


def _still(story: Story, news: News) -> str:
    """Who lists what a source no longer does."""
    places = {(row["offer_id"], row["meter_id"]) for row in story.rows}
    others = {r["source"] for place in places for r in news.stated.get(place, ())}
    others.discard(story.source)
    return f"still listed by {', '.join(sorted(others))}" if others else ""


def _ending(news: News) -> Iterator[Line]:
    """Offers that end soon: one line for each day and provider."""
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.deprecations:
        days[row["value"][:10], row["provider"]].append(row)
    for (ends, provider), rows in sorted(days.items()):
        names, left = listed(sorted({offer_text(row) for row in rows}), FEW)
        more = f" and {left} more" if left else ""
        yield Line(
            f"{ends}: {short(provider)}",
            (names + more,),
            tuple(Item(row["change"], offer=offer_text(row)) for row in rows),
            tuple(
                {**record_of(row, "ending"), "note": f"ends on {ends}"} for row in rows
            ),
        )


def _ahead(news: News) -> Iterator[Line]:
    for row in news.schedules:
        meter = row["name"].removeprefix(PREFIX)
        stated = f"{row['price']} {short(row['currency'], 8)}"
        head = f"{short(offer_text(row))} {short(meter)}: {stated} from {row['from']}"
        record = {**record_of(row, "ahead"), "meter": meter, "note": head}
        item = Item(row["change"], offer=offer_text(row), meter=meter)
        yield Line(head, (f"says {row['source']}",), (item,), (record,))


def _facts(news: News) -> Iterator[Line]:
    """Capabilities that changed: those that changed alike in one line."""
    alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.facts:
        alike[row["name"], _became(row)].append(row)
    for (name, became), rows in sorted(alike.items()):
        names, left = listed(sorted({offer_text(row) for row in rows}), FEW)
        more = f" and {left} more" if left else ""
        yield Line(
            f"{short(name)}: {became}",
            (names + more,),
            tuple(Item(change) for row in rows for change in row["changes"]),
            tuple(
                {**record_of(row, "facts"), "note": f"{name}: {became}"} for row in rows
            ),
        )


def _became(row: Row) -> str:
    old, new = row["old"], row["new"]
    if old is None:
        return f"now {short(new, WORDS)}"
    if new is None:
        return f"no longer stated, was {short(old, WORDS)}"
    return f"{short(old, WORDS)} → {short(new, WORDS)}"


def _rates(news: News) -> Iterator[Line]:
    for story in news.stories:
        if story.plot.what in RATES:
            names, left = listed(_offers(story), FEW)
            more = f" and {left} more" if left else ""
            offers = counted(story.offers, "offer")
            head = f"{short(story.providers[0])}: {story.plot.what}, {offers}"
            details = (f"{short(story.because, 200)}; {names}{more}",)
            yield _line(head, story.rows, "rates", *details)


def _judged(news: News, verdict: str, subscription: Subscription) -> Iterator[Line]:
    """What was no move, one line for each story; small steps are nobody's business."""
    stories: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.steps:
        if row["verdict"] == verdict and _pct(row) >= subscription.min_pct:
            stories[row["story"] or row["change"], row["reason"] or ""].append(row)
    for (_, reason), rows in stories.items():
        yield _no_move(rows, reason, "corrections" if verdict != "flap" else "flaps")


def _pct(row: Row) -> float:
    """How far a step goes, up or down; infinite from zero."""
    old, new = row["old_price_nano"], row["new_price_nano"]
    return abs(new / old - 1) * 100 if old else float("inf")


def _no_move(rows: list[Row], reason: str, section: str) -> Line:
    offers = sorted({offer_text(row) for row in rows})
    names, left = listed(offers, FEW)
    more = f" and {left} more" if left else ""
    meters = sorted({row["meter"] for row in rows})
    first = min(rows, key=lambda row: (row["meter"] != "input", row["meter"]))
    what = f"{names}{more} {listed(meters, 2)[0]}{' …' if meters[2:] else ''}"
    why = REASONS.get(reason, reason)
    return _line(f"{what}: {_prices(first)}", rows, section, why, _seen(first))


def _prices(row: Row) -> str:
    old, new, unit = row["old_price_nano"], row["new_price_nano"], row["currency"]
    before = price(old, unit) if old is not None else "none"
    after = price(new, unit) if new is not None else "none"
    far = f" ({step(old, new)})" if old is not None and new is not None else ""
    return f"{before} → {after}{far}"


def _seen(row: Row) -> str:
    return f"{row['source']}, seen {day(row['observed_at'])}"


def _elsewhere(rows: list[Row]) -> Iterator[Line]:
    """Steps of sources that are not believed where they differ."""
    stories: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        stories[row["story"] or row["change"]].append(row)
    for mine in stories.values():
        first = min(mine, key=lambda row: (row["meter"] != "input", row["meter"]))
        names, left = listed(sorted({offer_text(row) for row in mine}), FEW)
        more = f" and {left} more" if left else ""
        head = f"{names}{more} {short(first['meter'])}: {_prices(first)}"
        told = _line(head, mine, "elsewhere", f"says {_seen(first)}")
        # Without a verdict: it was not told as a move, so nothing has to be taken back.
        items = tuple(Item(row["change"]) for row in mine)
        yield Line(told.head, told.details, items, told.records)


def _held(news: News) -> Iterator[Line]:
    """What is newly held, then how much has been waiting for longer."""
    fresh = [row for row in news.holds if row["change"] not in news.known]
    reasons: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in fresh:
        reasons[row["source"], row["reason"]].append(row)
    for (source, reason), rows in reasons.items():
        why = HOLD_REASONS.get(reason) or REASONS.get(reason, reason)
        shown = [_held_value(row) for row in rows]
        names, left = listed(shown, FEW)
        more = f" and {left} more" if left else ""
        yield Line(
            f"{source}: {counted(len(rows), 'value')}, {why}",
            (names + more, "decide with: pricetrail review"),
            tuple(Item(row["change"]) for row in rows),
            tuple({**record_of(row, "held"), "note": why} for row in rows),
        )
    waiting = len(news.holds) - len(fresh)
    if fresh and waiting:
        yield Line(f"{counted(waiting, 'value')} held since earlier")


def _held_value(row: Row) -> str:
    if row["scope"] == "capture":
        return "a whole capture"
    stated = row["price_nano"]
    value = price(stated, row["currency"]) if stated is not None else row["raw"]
    return f"{row['source_key']} {row['meter'] or ''} {value}"


def steps_of_schedule(row: Row, after: datetime) -> Iterator[dict[str, Any]]:
    """The prices of a schedule that begin after an instant; none if it is no schedule,
    since a source may call a field of its own by any name.
    """
    try:
        stated = json.loads(row["value"])
    except (ValueError, RecursionError):
        return
    today = after.date().isoformat()
    for one in stated if isinstance(stated, list) else ():
        begins = one.get("from") if isinstance(one, dict) else None
        if isinstance(begins, str) and begins > today and "price" in one:
            unit = str(one.get("currency") or "USD")
            yield {
                **row,
                "from": begins[:10],
                "price": str(one["price"]),
                "currency": unit,
            }

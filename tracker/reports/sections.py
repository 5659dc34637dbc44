"""Everything in a digest besides real moves, in lines. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from storage.digests import Item
from tracker.domain.gate import REASONS as HOLD_REASONS
from tracker.domain.judge import REASONS
from tracker.reports import comings
from tracker.reports.lines import (
    FEW,
    Line,
    Section,
    line,
    named,
    record_of,
    section,
)
from tracker.reports.moves import Sorted
from tracker.reports.news import News, Row
from tracker.reports.settings import Subscription
from tracker.reports.watching import offer_text
from tracker.reports.wording import counted, day, listed, price, short, step


def sections_of(
    news: News, subscription: Subscription, found: Sorted
) -> Iterator[Section]:
    """The sections in the order they are told; some may be empty."""
    wanted = set(subscription.verdicts)
    yield section("amendments", "Taken back", _amendments(news))
    yield section("new", "New models", comings.launches(news))
    yield section("gone", "Withdrawn", comings.gone(news, comings.GONE))
    yield section("back", "Back again", comings.gone(news, ("returned",)))
    yield section("ending", "Ending within 60 days", comings.ending(news))
    yield section("ahead", "Scheduled prices", comings.ahead(news))
    yield section("facts", "Capabilities and limits", comings.facts(news))
    yield section("rates", "Rates added and dropped", comings.rates(news))
    if "correction" in wanted:
        lines = _judged(news, "correction", subscription)
        yield section("corrections", "Corrections of earlier data, no moves", lines)
    if "flap" in wanted:
        lines = _judged(news, "flap", subscription)
        yield section("flaps", "Flaps: left and taken again", lines)
    elsewhere = _elsewhere(found.elsewhere)
    yield section("elsewhere", "Said by a source that is not followed", elsewhere)
    if "held" in wanted:
        yield section("held", "Held for review", _held(news))
    trouble = [Line(f"{n}: {short(why, 200)}") for n, why in news.troubles.items()]
    yield section("sources", "Sources in trouble", trouble, news=False)


def _amendments(news: News) -> Iterator[Line]:
    """What was told and is judged otherwise now: one line for each offer."""
    offers: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in news.amended:
        told = day(row["observed_at"])
        offers[row["offer"], told, row["told"], row["verdict"]].append(row)
    for (offer, told, before, after), rows in offers.items():
        places = {row["meter"]: row for row in rows}
        meters, left = named(places)
        why = REASONS.get(rows[0]["reason"] or "", rows[0]["reason"] or "")
        head = f"{short(offer)} {meters}: {_taken_back(before, after)}"
        note = {"section": "amendments", "note": f"told as {before} on {told}"}
        records = tuple({**row, **note} for row in rows)
        details = (f"mailed on {told}", why, *_standing([*places.values()]))
        yield Line(head, tuple(filter(None, details)), (), records, left)


def _taken_back(before: str, after: str) -> str:
    if after == "move":
        return f"what we called a {before} was a real move"
    if before == "move":
        return {
            "correction": "the move was none: the data was wrong",
            "flap": "the move did not last: it was a flap",
        }.get(after, "the move is in doubt and held for review")
    return f"what we called a {before} was a {after}"


def _standing(rows: list[Row]) -> Iterator[str]:
    """What is believed now of what was taken back; of some there is no price now."""
    stated = [row for row in rows[:FEW] if row["believed_nano"] is not None]
    told = [
        f"{short(row['meter'])} {price(row['believed_nano'], row['believed_currency'])}"
        for row in stated
    ]
    if told:
        yield f"believed now: {', '.join(told)}"
    ended = [short(row["meter"]) for row in rows[:FEW] if row["believed_nano"] is None]
    if ended:
        yield f"no price now: {', '.join(ended)}"


def _judged(news: News, verdict: str, subscription: Subscription) -> Iterator[Line]:
    """What was no move, one line for each story; small steps are nobody's business."""
    stories: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.steps:
        if row["verdict"] == verdict and _pct(row) >= subscription.min_pct:
            stories[row["story"] or row["change"], row["reason"] or ""].append(row)
    for (_, reason), rows in stories.items():
        key = "corrections" if verdict != "flap" else "flaps"
        yield _remembered(_no_move(rows, reason, key), rows, news)


def _pct(row: Row) -> float:
    """How far a step goes, up or down; infinite from zero."""
    old, new = row["old_price_nano"], row["new_price_nano"]
    return abs(new / old - 1) * 100 if old else float("inf")


def _no_move(rows: list[Row], reason: str, key: str) -> Line:
    names, left = named(sorted({offer_text(row) for row in rows}))
    meters, unnamed = listed(sorted({row["meter"] for row in rows}), 2)
    first = min(rows, key=lambda row: (row["meter"] != "input", row["meter"]))
    others = len({_prices(row) for row in rows}) - 1
    like = f", and {counted(others, 'other step')}" if others else ""
    head = f"{names} {meters}{' …' if unnamed else ''}: {_prices(first)}{like}"
    why = REASONS.get(reason, reason)
    cut = left + unnamed + others
    return line(head, rows, key, why, _seen(first), cut=cut, story=_story(first))


def _story(row: Row) -> str:
    """What the web page calls the changes that are told with one."""
    return f"{row['story']}|{row['verdict']}"


def _remembered(told: Line, rows: list[Row], news: News) -> Line:
    """The line, after which the subscriber has in mind what is believed."""
    items = []
    for row, item in zip(rows, told.items, strict=True):
        now = news.believed.get((row["offer_id"], row["meter_id"]))
        if now and now["currency"] == row["currency"]:
            items.append(replace(item, price_nano=now["price_nano"]))
        else:
            items.append(item)
    return replace(told, items=tuple(items))


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
        names, left = named(sorted({offer_text(row) for row in mine}))
        others = len({(row["meter"], _prices(row)) for row in mine}) - 1
        like = f", and {counted(others, 'other step')}" if others else ""
        head = f"{names} {short(first['meter'])}: {_prices(first)}{like}"
        says = f"says {_seen(first)}"
        cut, name = left + others, _story(first)
        told = line(head, mine, "elsewhere", says, cut=cut, story=name)
        # Without a verdict: it was not told as a move, so nothing has to be taken back.
        yield replace(told, items=tuple(Item(row["change"]) for row in mine))


def _held(news: News) -> Iterator[Line]:
    """What is newly held, then how much has been waiting for longer."""
    fresh = [row for row in news.holds if row["change"] not in news.known]
    reasons: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in fresh:
        reasons[row["source"], row["reason"]].append(row)
    for (source, reason), rows in reasons.items():
        why = HOLD_REASONS.get(reason) or REASONS.get(reason, reason)
        shown = [_held_value(row) for row in rows]
        names, left = named(shown)
        yield Line(
            f"{source}: {counted(len(rows), 'value')}, {why}",
            (names, "decide with: pricetrail review"),
            tuple(Item(row["change"]) for row in rows),
            tuple({**record_of(row, "held"), "note": why} for row in rows),
            left,
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

"""Commands that ask: models, price, history, changes, sources."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import (
    Format,
    Row,
    day,
    dollars,
    emit,
    say,
    stepped,
    table,
    tell,
)

if TYPE_CHECKING:
    from tracker.catalogue import Found

PERIOD_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "component"),
    *("unit", "tier", "context_above", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to"),
)
BELIEVED_COLUMNS = (
    *("provider", "model", "region", "meter", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to", "basis", "source", "known_from"),
)
TIMELINE_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "kind"),
    *("old_usd", "new_usd", "per", "pct", "previous_seen_at", "observed_at"),
    *("effective_at", "verdict", "reason", "confidence", "story"),
)
MODEL_COLUMNS = (
    *("provider", "model", "region", "source", "input_usd", "output_usd"),
    *("cache_read_usd", "cache_write_usd", "max_input_tokens", "max_output_tokens"),
    *("sources_agreeing", "sources_disagreeing", "since"),
)
SOURCE_COLUMNS = (
    *("source", "last_capture_at", "version", "captures", "offers", "rates"),
    *("missing", "held", "last_outcome", "note", "home"),
)


class Verdict(StrEnum):
    """What a change can be found to be."""

    MOVE = "move"
    CORRECTION = "correction"
    FLAP = "flap"
    HELD = "held"


class Kind(StrEnum):
    """What can happen to a rate."""

    CHANGED = "changed"
    INTRODUCED = "introduced"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


_FIRST = ("input", "output", "cache_read", "cache_write", "reasoning")


def models(
    *,
    provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this provider.")
    ] = None,
    mode: Annotated[
        str | None, typer.Option(metavar="MODE", help="chat, embedding, ...")
    ] = None,
    query: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Part of the name, or a glob.")
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """List what is sold today, with its prices per 1M tokens."""
    from storage import queries
    from tracker import wiring

    filters = {"provider": provider, "mode": mode, "query": query}
    with wiring.opened(db) as store, store.reading() as connection:
        rows = [_decimal_card(row) for row in queries.models(connection, filters)]
    if form is not Format.TABLE:
        emit(rows, MODEL_COLUMNS, form)
    elif not rows:
        say("no model matches; loosen the filters, or run: pricetrail sync")
    else:
        headers = ["offer", ">input", ">output", ">cached", ">context", "since", "from"]
        table("USD per 1M tokens", headers, [_model_line(row) for row in rows])
        say(f"{len(rows):,} offers")


def price(
    model: options.Model,
    *,
    at: options.At = None,
    meter: options.Meters = None,
    all_sources: Annotated[
        bool, typer.Option("--all-sources", help="What each source says.")
    ] = False,
    as_published: Annotated[
        bool, typer.Option("--as-published", help="What the sources said then.")
    ] = False,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="ISO", help="What we believed then."),
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """What a model costs, or cost on a day, and who says so."""
    from tracker import wiring
    from tracker.catalogue import find_offer
    from tracker.pricing import Question, prices

    question = Question(
        at=wiring.instant(at) if at else None,
        known_at=wiring.instant(known_at) if known_at else None,
        published=all_sources or as_published,
    )
    with wiring.opened(db) as store:
        found = find_offer(store, model)
        answer = prices(store, found.offer, question, now=wiring.now())
    rows = _ordered(_only(answer.rows, meter))
    if form is not Format.TABLE:
        emit(rows, PERIOD_COLUMNS if question.published else BELIEVED_COLUMNS, form)
        return
    _say_also(found)
    if not rows:
        when = f" on {at}" if at else " today"
        say(f"{found.offer.text} has no price on record{when}")
        raise typer.Exit(1)
    when = f"on {day(question.at)}" if question.at else "today"
    headers = ["meter", ">price", "per", "since", "until", "basis", "source"]
    table(f"{found.offer.text}, {when}", headers, [_price_line(r) for r in rows])
    if answer.unseen:
        say(
            f"not seen yet on {at}: these are its first prices, and it came some "
            "time before they were seen"
        )
    if answer.retired_on:
        say(f"to be retired on {answer.retired_on}")


def history(
    model: options.Model,
    *,
    meter: options.Meters = None,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="As this source said it.")
    ] = None,
    since: options.Since = None,
    until: options.Until = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw steps in the terminal.")
    ] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The price periods of a model, and when each change was seen."""
    from storage import queries
    from tracker import wiring
    from tracker.catalogue import find_offer

    if source:
        wiring.known_source(source)
    bounds = {
        "since": wiring.instant(since) if since else None,
        "until": wiring.instant(until) if until else None,
    }
    view = "price_history" if source else "believed_prices"
    with wiring.opened(db) as store:
        found = find_offer(store, model)
        with store.reading() as connection:
            rows = queries.history_of(
                connection, [found.offer], view=view, source=source, **bounds
            )
            steps = queries.steps_of(connection, found.offer, source=source)
    rows = _ordered(_only(rows, meter))
    if form is not Format.TABLE:
        emit(rows, PERIOD_COLUMNS if source else BELIEVED_COLUMNS, form)
        return
    _say_also(found)
    if not rows:
        say(f"{found.offer.text} has no price on record for this choice")
        raise typer.Exit(1)
    if chart:
        _draw(found.offer.text, rows)
        return
    seen = {(s["source"], s["meter"], s["observed_at"]): s for s in steps}
    headers = ["meter", ">price", "per", "change seen", "until", ">step", "source"]
    table(found.offer.text, headers, [_period_line(r, seen) for r in rows])


def changes(
    *,
    since: options.Since = None,
    until: options.Until = None,
    model: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Model, key or offer; * and ?.")
    ] = None,
    provider: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    meter: Annotated[str | None, typer.Option(metavar="METER")] = None,
    verdict: Annotated[
        Verdict | None, typer.Option(help="What is made of the change.")
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(help="[default for people: changed]", show_default=False),
    ] = None,
    stories: Annotated[
        bool, typer.Option("--stories", help="Changes that belong together, as one.")
    ] = False,
    min_pct: Annotated[
        float | None, typer.Option(metavar="N", help="Steps of at least N per cent.")
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The timeline of price changes, oldest first."""
    from storage import queries
    from tracker import wiring

    if source:
        wiring.known_source(source)
    filters = {
        "since": wiring.instant(since) if since else None,
        "until": wiring.instant(until) if until else None,
        "model": model,
        "provider": provider,
        "source": source,
        "meter": meter,
        "verdict": verdict,
        "kind": kind,
    }
    with wiring.opened(db) as store, store.reading() as connection:
        rows = queries.changes(connection, filters)
    if min_pct is not None:
        rows = [r for r in rows if r["pct"] is not None and abs(r["pct"]) >= min_pct]
    if form is not Format.TABLE:
        emit(rows, TIMELINE_COLUMNS, form)
        return
    shown = rows if kind else [r for r in rows if r["kind"] == "changed"]
    if stories:
        _tell_stories(shown)
    else:
        headers = ["seen", "model", "meter", ">old", ">new", ">step", "verdict"]
        table("", [*headers, "source"], [_change_line(row) for row in shown])
    left = len(rows) - len(shown)
    more = f"; {left:,} launches, withdrawals and returns with --kind" if left else ""
    say(f"{len(shown):,} changes{more}")


def sources(
    *,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Which sources there are, how fresh they are, and how much they state."""
    from storage import queries
    from tracker import wiring

    with wiring.opened(db) as store, store.reading() as connection:
        known = {row["source"]: row for row in queries.source_health(connection)}
    rows = [
        {**_never_read(spec.name), **known.get(spec.name, {}), "home": spec.home}
        for spec in wiring.all_sources()
    ]
    if form is not Format.TABLE:
        emit(rows, SOURCE_COLUMNS, form)
        return
    now = wiring.now()
    headers = ["source", "last capture", ">age", "release", ">captures", ">offers"]
    headers += [">rates", ">missing", ">held", "last run"]
    table("", headers, [_source_line(row, now) for row in rows])
    for row in rows:
        if row["note"]:
            say(f"{row['source']}: {row['note']}")


def _decimal_card(row: Row) -> Row:
    """The dollar columns of a card as exact decimals."""
    from tracker.domain.money import in_units

    names = [name for name in row if name.endswith("_usd")]
    read = {n: None if row[n] is None else in_units(round(row[n] * 1e9)) for n in names}
    return {**row, **read}


def _never_read(name: str) -> Row:
    counts = dict.fromkeys(("captures", "offers", "rates", "missing", "held"), 0)
    words = dict.fromkeys(("last_capture_at", "version", "last_outcome", "note"))
    return {"source": name, **counts, **words}


def _only(rows: list[Row], meters: list[str] | None) -> list[Row]:
    """The rows of these meters; a word that is no meter is an error of its own."""
    if not meters:
        return rows
    from tracker.domain.meters import parse_meter

    wanted = {parse_meter(meter).key for meter in meters}
    return [row for row in rows if row["meter"] in wanted]


def _ordered(rows: list[Row]) -> list[Row]:
    """Plain input and output first, then their tiers and variants, by name."""

    def place(row: Row) -> tuple[Any, ...]:
        component = row["meter"].split(".")[0].split("+")[0].split("@")[0].split(";")[0]
        first = _FIRST.index(component) if component in _FIRST else len(_FIRST)
        plain = row["meter"] != component
        return (plain, first, row["meter"], row["valid_from"], row["source"])

    return sorted(rows, key=place)


def _say_also(found: "Found") -> None:
    if found.also:
        names = [offer.text for offer in found.also]
        rest = f" and {len(names) - 4} more" if len(names) > 4 else ""
        tell(f"also sold as {', '.join(names[:4])}{rest}")


def _model_line(row: Row) -> list[str]:
    name = f"{row['provider']}/{row['model']}"
    name += f"@{row['region']}" if row["region"] else ""
    prices = [dollars(row, f"{n}_usd") for n in ("input", "output", "cache_read")]
    context = f"{row['max_input_tokens']:,}" if row["max_input_tokens"] else ""
    return [name, *prices, context, day(row["since"]), row["source"]]


def _price_line(row: Row) -> list[str]:
    until = day(row["valid_to"])
    since = day(row["valid_from"])
    basis = row.get("basis", row.get("source_key", ""))
    return [row["meter"], dollars(row), row["per"], since, until, basis, row["source"]]


def _period_line(row: Row, steps: dict[tuple[Any, ...], Row]) -> list[str]:
    step = steps.get((row["source"], row["meter"], row["valid_from"]))
    seen, moved = day(row["valid_from"]), ""
    if step and step["previous_seen_at"]:
        seen = f"{day(step['previous_seen_at'])} … {seen}"
    if step:
        moved = stepped(step["old_usd"], step["new_usd"])
    price = [row["meter"], dollars(row), row["per"]]
    return [*price, seen, day(row["valid_to"]) or "now", moved, row["source"]]


def _change_line(row: Row) -> list[str]:
    name = f"{row['provider']}/{row['model']}"
    name += f"@{row['region']}" if row["region"] else ""
    seen = day(row["observed_at"])
    if row["previous_seen_at"]:
        seen = f"{day(row['previous_seen_at'])} … {seen}"
    step = stepped(row["old_usd"], row["new_usd"]) or row["kind"]
    old, new = dollars(row, "old_usd"), dollars(row, "new_usd")
    verdict = row["verdict"] or ""
    verdict += f", {row['reason']}" if row["reason"] not in (None, "", verdict) else ""
    return [seen, name, row["meter"], old, new, step, verdict, row["source"]]


def _tell_stories(rows: list[Row]) -> None:
    """One line per story: a provider, a day and a ratio, with what it means."""
    from tracker.domain.judge import REASONS

    by_story: dict[str, list[Row]] = {}
    for row in rows:
        by_story.setdefault(f"{row['story']}|{row['verdict']}", []).append(row)
    lines = []
    for members in by_story.values():
        first = members[0]
        offers = sorted({r["model"] for r in members})
        step = stepped(first["old_usd"], first["new_usd"]) or first["kind"]
        names = ", ".join(offers[:2]) + (", ..." if offers[2:] else "")
        count = f"{len(offers)} offers" if offers[1:] else "1 offer"
        words = REASONS.get(first["reason"] or "", "") if first["verdict"] else ""
        place = (first["story"] or "").rpartition("/to ")
        if place[1]:
            step, words = "redirect", f"now served as {place[2]}"
        cells = [day(first["observed_at"]), first["provider"], count, step]
        lines.append([*cells, first["verdict"] or "", words, names])
    headers = ["seen", "provider", ">offers", ">step", "verdict", "because", "models"]
    table("", headers, lines)
    say(f"{len(by_story):,} stories")


def _source_line(row: Row, now: Any) -> list[str]:
    last = row["last_capture_at"]
    age = f"{(now - last).days} d" if last else "never"
    numbers = ("captures", "offers", "rates", "missing", "held")
    counts = [f"{row[name]:,}" for name in numbers]
    words = [row["source"], day(last), age, row["version"] or ""]
    return [*words, *counts, row["last_outcome"] or ""]


def _draw(title: str, rows: Iterable[Row]) -> None:
    from tracker import wiring
    from tracker.stepchart import draw

    say(title)
    for line in draw(rows, now=wiring.now()):
        say(line)

"""Commands that ask: models, price, history, changes, sources."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import (
    Format,
    Row,
    counted,
    day,
    dollars,
    emit,
    offer_name,
    say,
    stepped,
    table,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.unit_of_work import Store
    from tracker.asking.catalogue import Found
    from tracker.asking.pricing import Answer, Question
    from tracker.charts.series import Gap
    from tracker.domain.offers import Offer

PERIOD_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "component"),
    *("unit", "tier", "context_above", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to"),
)
BELIEVED_COLUMNS = (
    *("provider", "model", "region", "meter", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to", "basis", "source", "known_from"),
)
MODEL_COLUMNS = (
    *("provider", "model", "region", "source", "input_usd", "output_usd"),
    *("cache_read_usd", "cache_write_usd", "max_input_tokens", "max_output_tokens"),
    *("sources_agreeing", "sources_disagreeing", "since"),
)

_BASIS = {
    (False, False): "basis",
    (False, True): "key",
    (True, True): "says",
}
"""What the sixth column of `price` shows, by --all-sources and --as-published."""


def models(
    *,
    provider: options.Provider = None,
    mode: Annotated[
        str | None, typer.Option(metavar="MODE", help="chat, embedding, ...")
    ] = None,
    query: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Part of the name, or a glob.")
    ] = None,
    needs: options.Needs = None,
    min_context: options.MinContext = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """List what is sold today, with its prices per 1M tokens."""
    from storage.reading import queries
    from tracker.asking.assortment import capabilities, exact_card, narrowed, tokens

    wanted = (capabilities(needs), tokens(min_context))
    filters = {"provider": provider, "mode": mode, "query": query}
    asked = options.asked(db, provider=provider)
    with asked as store, store.reading() as connection:
        if mode is not None:
            options.known_mode(mode, queries.modes(connection))
        found = narrowed(connection, queries.models(connection, filters), *wanted)
    rows = [exact_card(row) for row in found]
    if form is not Format.TABLE:
        emit(rows, MODEL_COLUMNS, form)
    elif not rows:
        say("no model matches; loosen the filters, or run: pricetrail sync")
    else:
        headers = ["offer", ">input", ">output", ">cached", ">context", "since", "from"]
        table("USD per 1M tokens", headers, [_model_line(row) for row in rows])
        say(counted(len(rows), "offer"))


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
    from tracker.asking.catalogue import find_offer
    from tracker.asking.pricing import Question, prices

    question = Question(
        at=wiring.instant_if_any(at),
        known_at=wiring.instant_if_any(known_at),
        published=all_sources or as_published,
    )
    with wiring.opened(db) as store:
        found = find_offer(store, model)
        answer = prices(store, found.offer, question, now=wiring.now())
        rows = _ordered(_only(answer.rows, meter))
        lacking = "" if rows else _lacking(store, found.offer, question, answer.rows)
        old = _old(store, rows) if question == Question() else []
        if all_sources:
            rows = _compared(store, rows)
    if form is not Format.TABLE:
        more = ("agreement", "pct") if all_sources else ()
        published = (*PERIOD_COLUMNS, *more)
        emit(rows, published if question.published else BELIEVED_COLUMNS, form)
        raise typer.Exit(_answered(rows))
    _say_also(found)
    when = f"on {day(question.at)}" if question.at else "today"
    if not rows:
        known = f", as known on {known_at}" if known_at else ""
        of = f" of {', '.join(meter)}" if answer.rows and meter else ""
        say(f"{found.offer.text} has no price{of} on record {when}{known}{lacking}")
        raise typer.Exit(_answered(rows))
    basis = _BASIS[all_sources, question.published]
    headers = ["meter", ">price", "per", "since", "until", basis, "source"]
    table(f"{found.offer.text}, {when}", headers, [_price_line(r) for r in rows])
    for line in [*_remarks(answer, question, wiring.now()), *old]:
        say(line)


def history(
    model: options.Model,
    *,
    meter: options.Meters = None,
    source: options.Source = None,
    since: options.Since = None,
    until: options.Until = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw steps in the terminal.")
    ] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The price periods of a model, and when each change was seen."""
    from storage.reading import queries
    from tracker import wiring
    from tracker.asking.catalogue import find_offer
    from tracker.asking.charting import gaps_of

    bounds = wiring.span(since, until)
    view = "price_history" if source else "believed_prices"
    with options.asked(db, source=source) as store:
        found = find_offer(store, model)
        with store.reading() as connection:
            rows = queries.history_of(
                connection, [found.offer], view=view, source=source, **bounds
            )
            steps = queries.steps_of(connection, found.offer, source=source)
            if not source:
                rows = _witnessed(connection, found.offer, rows)
        ends = bounds["until"] or wiring.now()
        gaps = gaps_of(store, found.offer, rows, until=ends) if chart else {}
    lacking = _meters_of(rows) if meter else ""
    rows = _ordered(_only(rows, meter))
    if form is not Format.TABLE:
        believed = (*BELIEVED_COLUMNS, "witnesses")
        emit(rows, PERIOD_COLUMNS if source else believed, form)
        raise typer.Exit(_answered(rows))
    _say_also(found)
    if not rows:
        say(f"{found.offer.text} has no price on record for this choice{lacking}")
        raise typer.Exit(_answered(rows))
    if chart:
        _draw(found.offer.text, rows, gaps, until=bounds["until"])
        return
    seen = {(s["source"], s["meter"], s["observed_at"]): s for s in steps}
    headers = ["meter", ">price", "per", "change seen", "until", ">step", "source"]
    headers += [] if source else ["says the same"]
    table(found.offer.text, headers, [_period_line(r, seen) for r in rows])


def _compared(store: "Store", rows: list[Row]) -> list[Row]:
    """What each source says beside the best one, in the order of the rows."""
    from storage.sources import last_read
    from tracker.judging.witnessing import compared

    with store.reading() as connection:
        known = last_read(connection)
    stale = {name for name, (_, marked, _) in known.items() if marked}
    return compared(rows, stale)


def _witnessed(connection: Any, offer: "Offer", rows: list[Row]) -> list[Row]:
    """Each period with the other sources that said the same during it."""
    from storage.reading import queries
    from tracker.judging.witnessing import witnessed

    said = queries.history_of(connection, [offer], view="price_history")
    found = witnessed(rows, said)
    return [{**row, "witnesses": " ".join(row["witnesses"])} for row in found]


def _lacking(
    store: "Store", offer: "Offer", question: "Question", others: list[Row]
) -> str:
    """What there is, where there is no price of what was asked."""
    from tracker.asking.pricing import lifetime

    if others:
        return _meters_of(others)
    if question.known_at is not None:
        return ""
    lived = lifetime(store, offer, published=question.published)
    if lived is None:
        return ""
    first, last = lived
    if question.at is not None and day(first) > day(question.at):
        return f"; the first one is of {day(first)}"
    return f"; the last one ended on {day(last)}" if last else ""


def _meters_of(rows: list[Row]) -> str:
    """The meters that there are, in a few words; nothing where there are none."""
    from tracker.domain.meters import meter_place

    names = sorted({row["meter"] for row in rows}, key=meter_place)
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"; there is {', '.join(names[:6])}{more}" if names else ""


def _remarks(answer: "Answer", question: "Question", now: datetime) -> Iterator[str]:
    """What to know of an answer besides its prices."""
    asked = question.at
    if asked and answer.unseen:
        yield (
            f"not seen yet on {day(asked)}: these are its first prices, and it came "
            "some time before they were seen"
        )
    if answer.retired_on:
        yield f"to be retired on {answer.retired_on}"
    if asked and asked > now:
        yield f"{day(asked)} lies ahead: this is what is known of it today"


def _old(store: "Store", rows: list[Row]) -> list[str]:
    """What to know of sources that were not read for long, but have the say here."""
    from storage.sources import last_read

    with store.reading() as connection:
        known = last_read(connection)
    named = sorted({row["source"] for row in rows})
    return [
        f"{name} was last read on {day(known[name][2])}; it may be otherwise by now"
        for name in named
        if known[name][1]
    ]


def _answered(rows: list[Row]) -> int:
    """The exit code of a question about one model: 1 if it has no price to show.

    A list of whatever matches may be empty; that is an answer, and 0.
    """
    return 0 if rows else 1


def _only(rows: list[Row], meters: list[str] | None) -> list[Row]:
    """The rows of these meters; a word that is no meter is an error of its own."""
    if not meters:
        return rows
    from tracker.domain.meters import parse_meter

    wanted = {parse_meter(meter).key for meter in meters}
    return [row for row in rows if row["meter"] in wanted]


def _ordered(rows: list[Row]) -> list[Row]:
    """Plain input and output first, then their tiers and variants, by name."""
    from tracker.domain.meters import meter_place

    def place(row: Row) -> tuple[Any, ...]:
        return (*meter_place(row["meter"]), row["valid_from"], row["source"])

    return sorted(rows, key=place)


def _say_also(found: "Found") -> None:
    if found.also:
        names = [offer.text for offer in found.also]
        rest = f" and {len(names) - 4} more" if len(names) > 4 else ""
        tell(f"also sold as {', '.join(names[:4])}{rest}")


def _model_line(row: Row) -> list[str]:
    prices = [dollars(row, f"{n}_usd") for n in ("input", "output", "cache_read")]
    context = f"{row['max_input_tokens']:,}" if row["max_input_tokens"] else ""
    return [offer_name(row), *prices, context, day(row["since"]), row["source"]]


def _price_line(row: Row) -> list[str]:
    until = day(row["valid_to"])
    since = day(row["valid_from"])
    basis = row.get("basis", row.get("source_key", ""))
    if "agreement" in row:
        basis = row["agreement"]
        basis += f" {row['pct']:+} %" if row["pct"] else ""
    return [row["meter"], dollars(row), row["per"], since, until, basis, row["source"]]


def _period_line(row: Row, steps: dict[tuple[Any, ...], Row]) -> list[str]:
    step = steps.get((row["source"], row["meter"], row["valid_from"]))
    seen, moved = day(row["valid_from"]), ""
    if step and step["previous_seen_at"]:
        seen = f"{day(step['previous_seen_at'])} … {seen}"
    if step:
        moved = stepped(step["old_usd"], step["new_usd"])
    price = [row["meter"], dollars(row), row["per"]]
    line = [*price, seen, day(row["valid_to"]) or "now", moved, row["source"]]
    return [*line, row["witnesses"]] if "witnesses" in row else line


def _draw(
    title: str,
    rows: Iterable[Row],
    gaps: "Mapping[str, Sequence[Gap]]",
    *,
    until: datetime | None,
) -> None:
    from tracker import wiring
    from tracker.asking.stepchart import draw

    say(title)
    for line in draw(rows, now=until or wiring.now(), gaps=gaps):
        say(line)

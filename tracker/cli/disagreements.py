"""The command that shows where sources state different prices."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, Row, counted, day, emit, exact, say, table
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.judging.agreement import Disagreement

COLUMNS = (
    *("id", "provider", "model", "region", "meter", "source", "usd", "price_nano"),
    *("currency", "since", "other_source", "other_key", "other_usd"),
    *("other_price_nano", "other_since", "pct", "likely", "acknowledged"),
)


def disagreements(
    action: Annotated[
        str | None, typer.Argument(metavar="[ack]", help="Default: list.")
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As listed.")
    ] = None,
    *,
    provider: options.Provider = None,
    min_pct: Annotated[
        float,
        typer.Option("--min-pct", metavar="N", min=0, help="At least so far apart."),
    ] = 0.0,
    at: options.At = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that were acknowledged.")
    ] = False,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; kept with the acknowledgement.")
    ] = "",
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Where sources state different prices today; acknowledge one of them."""
    from storage.agreement import Asked
    from storage.reading.news import stale_sources
    from tracker import wiring
    from tracker.judging import agreement

    if action is not None:
        _acknowledge(action, name, note, db)
        return
    instant = wiring.instant_if_any(at)
    with options.asked(db, provider=provider) as store:
        found = agreement.disagreements(
            store, Asked(provider, instant), least_pct=min_pct
        )
        with store.reading() as connection:
            silent = stale_sources(connection) if instant is None else set()
    shown = [d for d in found if every or d.note is None]
    if form is not Format.TABLE:
        emit([_row(d) for d in shown], COLUMNS, form)
        return
    headers = ["id", "offer", "meter", "best", ">price", "other", ">price", ">by"]
    if shown:
        table("", [*headers, "likely"], [_line(_row(d)) for d in shown])
    hidden = len(found) - len(shown)
    known = f"; {hidden} acknowledged (--all shows them)" if hidden else ""
    say(f"{counted(len(shown), 'disagreement')}{known}")
    if silent:
        names = ", ".join(sorted(silent))
        say(f"not asked, as not read for too long: {names}; see pricetrail sources")


def _acknowledge(action: str, name: str | None, note: str, db: str | None) -> None:
    from tracker import wiring
    from tracker.judging import agreement

    if action != "ack" or name is None:
        raise UsageError("write: pricetrail disagreements ack ID --note TEXT")
    with wiring.opened(db) as store:
        found = agreement.acknowledge(store, name, note=note, now=wiring.now())
    pair = found.pair
    say(f"acknowledged {pair.name}: {pair.offer.text} {pair.meter}, {pair.values}")


def _row(found: "Disagreement") -> Row:
    from tracker.domain.money import in_units

    pair, best, other = found.pair, found.pair.best, found.pair.other
    dollars = best.currency == "USD"
    return {
        "id": pair.name,
        "provider": pair.offer.provider,
        "model": pair.offer.model,
        "region": pair.offer.region,
        "meter": pair.meter,
        "source": best.source,
        "usd": in_units(best.nano) if dollars else None,
        "price_nano": best.nano,
        "currency": best.currency,
        "since": best.since,
        "other_source": other.source,
        "other_key": other.key,
        "other_usd": in_units(other.nano) if dollars else None,
        "other_price_nano": other.nano,
        "other_since": other.since,
        "pct": None if pair.pct is None else round(pair.pct, 2),
        "likely": found.cause,
        "acknowledged": found.note,
    }


def _line(row: Row) -> list[str]:
    from tracker.domain.money import in_units

    offer = f"{row['provider']}/{row['model']}"
    offer += f"@{row['region']}" if row["region"] else ""
    unit = "" if row["currency"] == "USD" else f" {row['currency']}"
    prices = [
        exact(in_units(row[n])) + unit for n in ("price_nano", "other_price_nano")
    ]
    by = "" if row["pct"] is None else f"{row['pct']:+,.1f} %"
    best = f"{row['source']} ({day(row['since'])})"
    other = f"{row['other_source']} ({day(row['other_since'])})"
    told = (
        row["likely"]
        if row["acknowledged"] is None
        else f"known: {row['acknowledged']}"
    )
    return [row["id"], offer, row["meter"], best, prices[0], other, prices[1], by, told]

"""The command about sources: how fresh they are, and what a saved body says."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import (
    Format,
    Row,
    counted,
    day,
    emit,
    offer_name,
    say,
    table,
    tell,
)
from tracker.domain.errors import UnreadableBody, UsageError

if TYPE_CHECKING:
    from tracker.asking.reading import Read

COLUMNS = (
    *("source", "last_capture_at", "version", "captures", "offers", "rates"),
    *("missing", "held", "last_outcome", "note", "home"),
)
QUOTE_COLUMNS = (
    *("provider", "model", "region", "meter", "usd", "per", "currency"),
    *("effective_from", "effective_to", "text"),
)
UNMAPPED_COLUMNS = ("source", "source_key", "provider", "model", "region", "near")
_HOW = (
    "write: pricetrail sources, pricetrail sources unmapped, or "
    "pricetrail sources test NAME --body FILE"
)


def sources(
    action: Annotated[
        str | None, typer.Argument(metavar="[test|unmapped]", help="Default: list.")
    ] = None,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Whose body it is.")
    ] = None,
    *,
    body: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A saved body to read; each page of it."),
    ] = None,
    provider: options.Provider = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """How fresh each source is; what a saved body of one says; names that meet no
    other source's.
    """
    if action is None:
        _list(db, form)
    elif action == "unmapped" and name is None:
        _unmapped(db, provider, form)
    elif action == "test" and name is not None and body:
        _test(name, body, form)
    else:
        raise UsageError(_HOW)


def _test(name: str, body: list[Path], form: Format) -> None:
    """Read a saved body and print every quote of it; nothing is stored."""
    from tracker.asking.reading import read_saved

    try:
        found = read_saved(name, body)
    except UnreadableBody as fault:
        tell(f"pricetrail: {fault}")
        raise typer.Exit(1) from None
    if form is not Format.TABLE:
        emit(found.rows, QUOTE_COLUMNS, form)
    else:
        headers = ["offer", "meter", ">price", "per", "from", "to", "text"]
        table("", headers, [_quote_line(row) for row in found.rows])
    for line in _remarks(found):
        if form is Format.TABLE:
            say(line)


def _unmapped(db: str | None, provider: str | None, form: Format) -> None:
    """Names that no other source has, with the likeliest twin of each."""
    from tracker.judging.mapping import unmapped

    with options.asked(db, provider=provider) as store:
        found = unmapped(store, provider=provider)
    rows = [
        {
            "source": each.source,
            "source_key": each.key,
            "provider": each.offer.provider,
            "model": each.offer.model,
            "region": each.offer.region,
            "near": each.near,
        }
        for each in found
    ]
    if form is not Format.TABLE:
        emit(rows, UNMAPPED_COLUMNS, form)
        return
    headers = ["source", "key", "offer", "alike elsewhere"]
    if rows:
        lines = [[r["source"], r["source_key"], offer_name(r), r["near"]] for r in rows]
        table("", headers, lines)
    say(f"{counted(len(rows), 'name')} that no other source has")


def _remarks(found: "Read") -> list[str]:
    lines = [f"held: {text}" for text in found.problems]
    lines += [f"note: {text}" for text in found.notes]
    lines += [f"not read: {text}" for text in found.ignored]
    whole = "" if found.complete else "; it is only a part of the list"
    return [
        *lines,
        f"{counted(len(found.rows), 'quote')} of {counted(found.keys, 'model')}{whole}",
    ]


def _quote_line(row: Row) -> list[str]:
    offer = f"{row['provider']}/{row['model']}"
    offer += f"@{row['region']}" if row["region"] else ""
    price = f"{row['amount']} {row['currency']}"
    days = [str(row[n] or "") for n in ("effective_from", "effective_to")]
    return [offer, row["meter"], price, row["per"], *days, row["text"]]


def _list(db: str | None, form: Format) -> None:
    """Which sources there are, how fresh they are, and how much they state."""
    from storage.reading import queries
    from tracker import wiring

    with wiring.opened(db) as store, store.reading() as connection:
        known = {row["source"]: row for row in queries.source_health(connection)}
    rows = [
        {**_never_read(spec.name), **known.get(spec.name, {}), "home": spec.home}
        for spec in wiring.all_sources()
    ]
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
        return
    now = wiring.now()
    headers = ["source", "last capture", ">age", "release", ">captures", ">offers"]
    headers += [">rates", ">missing", ">held", "last run"]
    table("", headers, [_source_line(row, now) for row in rows])
    for row in rows:
        if row["note"]:
            say(f"{row['source']}: {row['note']}")


def _never_read(name: str) -> Row:
    counts = dict.fromkeys(("captures", "offers", "rates", "missing", "held"), 0)
    words = dict.fromkeys(("last_capture_at", "version", "last_outcome", "note"))
    return {"source": name, **counts, **words}


def _source_line(row: Row, now: datetime) -> list[str]:
    last: Any = row["last_capture_at"]
    age = f"{(now - last).days} d" if last else "never"
    numbers = ("captures", "offers", "rates", "missing", "held")
    counts = [f"{row[name]:,}" for name in numbers]
    words = [row["source"], day(last), age, row["version"] or ""]
    return [*words, *counts, row["last_outcome"] or ""]

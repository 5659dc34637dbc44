"""The command that shows what is held, and takes decisions."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, day, dollars, emit, say, table
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.judging.review import Held

COLUMNS = (
    *("id", "source", "scope", "key", "meter", "reason", "why", "raw"),
    *("price_nano", "currency", "held_at", "status"),
)


def review(
    decision: Annotated[
        str | None, typer.Argument(metavar="[accept|reject]", help="Default: list.")
    ] = None,
    hold: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="As listed.")
    ] = None,
    *,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; kept with the decision.")
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also what was decided, released or lapsed.")
    ] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """What is held for review; accept or reject one of them."""
    from tracker import wiring
    from tracker.judging import review as reviewing

    with wiring.opened(db) as store:
        if decision is not None:
            if decision not in ("accept", "reject") or hold is None:
                raise UsageError(
                    "write: pricetrail review accept|reject ID --note TEXT"
                )
            chosen = reviewing.decide(
                store, hold, decision, note=note, now=wiring.now()
            )
            say(f"{decision}ed {chosen.name}: {chosen.row.key} {chosen.row.meter}")
            return
        held = reviewing.held(store, status=None if every else "pending")
    rows = [_row(h) for h in held]
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
    elif not rows:
        say("nothing is held")
    else:
        headers = ["id", "since", "source", "key", "meter", ">value", "why", "status"]
        table("", headers, [_line(row) for row in rows])
        say(f"{len(rows)} held; decide with: pricetrail review accept|reject ID")


def _row(held: "Held") -> dict[str, object]:
    row = held.row
    return {
        "id": held.name,
        "source": row.source,
        "scope": row.scope,
        "key": row.key,
        "meter": row.meter,
        "reason": row.reason,
        "why": held.why,
        "raw": row.raw,
        "price_nano": row.price_nano,
        "currency": row.currency,
        "held_at": row.held_at,
        "status": row.status,
    }


def _line(row: dict[str, object]) -> list[str]:
    value = dollars({**row, "usd": None}) if row["price_nano"] is not None else ""
    at = row["held_at"]
    since = day(at) if isinstance(at, datetime) else ""
    words = [str(row[n]) for n in ("source", "key", "meter")]
    return [str(row["id"]), since, *words, value or str(row["raw"]), *_end(row)]


def _end(row: dict[str, object]) -> list[str]:
    return [str(row["why"]), str(row["status"])]

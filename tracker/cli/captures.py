"""Commands about stored bodies: what there is, and how to thin it."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, counted, day, emit, say, table

if TYPE_CHECKING:
    from tracker.keeping.thinning import Pruned

app = typer.Typer(
    help="The stored bodies: list them, thin them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

LISTED = (
    *("source", "observed_at", "fetched_at", "origin", "version", "status"),
    *("complete", "size", "packed", "kept", "sha256", "url", "note"),
)
PRUNED = ("source", "floor", "captures", "kept", "dropped", "freed")

Weeks = Annotated[
    int | None,
    typer.Option(
        "--keep-weeks",
        metavar="N",
        min=1,
        help="Keep every body of the last N weeks: what can be derived anew.",
    ),
]
Weekly = Annotated[
    int,
    typer.Option("--keep-weekly", metavar="N", min=0, help="Before: one in a week."),
]
Monthly = Annotated[
    int,
    typer.Option("--keep-monthly", metavar="N", min=0, help="Before: one in a month."),
]


@app.command("list")
def listing(
    *,
    source: options.Source = None,
    since: options.Since = None,
    until: options.Until = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """List the captures, newest first: when, from where, and what became of them.

    `kept` says whether the bytes are still stored, in this row or an earlier one.
    """
    from storage import captures as stored
    from tracker import wiring

    with options.asked(db, source=source) as store, store.reading() as connection:
        rows = stored.listed(connection, source=source, **wiring.span(since, until))
    if form is not Format.TABLE:
        emit(rows, LISTED, form)
        return
    headers = ["observed", "source", "version", "origin", "status", ">bytes", ">packed"]
    lines = [
        [
            *(day(row["observed_at"]), row["source"], row["version"] or ""),
            *(row["origin"], row["status"], f"{row['size']:,}", _packed(row)),
        ]
        for row in rows
    ]
    table("", headers, lines)
    total = sum(row["packed"] or 0 for row in rows)
    say(f"{counted(len(rows), 'capture')}, {total:,} bytes of bodies stored")


@app.command()
def prune(
    *,
    weeks: Weeks = None,
    weekly: Weekly = 0,
    monthly: Monthly = 0,
    source: options.Source = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go; drop nothing.")
    ] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Drop old bodies. Without a --keep option all are kept.

    Prices, changes and verdicts stay. What goes is the means to derive the time
    before the oldest whole week anew; a replay proves first that the rest can be.
    """
    from tracker import wiring

    with options.asked(db, source=source) as store:
        if weeks is None and not (weekly or monthly):
            say("all bodies are kept; name what to keep: --keep-weeks N")
            return
        keep = wiring.kept(weeks=weeks, weekly=weekly, monthly=monthly)
        done = wiring.run_prune(store, source, keep, dry_run=dry_run)
    if form is not Format.TABLE:
        emit([{n: getattr(p, n) for n in PRUNED} for p in done], PRUNED, form)
        return
    for pruned in done:
        say(_told(pruned, dry_run=dry_run))
    if any(p.dropped for p in done) and not dry_run:
        say("the room is used again by what comes; see docs/operating.md")


def _packed(row: dict[str, object]) -> str:
    if row["packed"] is not None:
        return f"{row['packed']:,}"
    return "as before" if row["kept"] else "pruned"


def _told(pruned: "Pruned", *, dry_run: bool) -> str:
    if pruned.floor is None or not pruned.dropped:
        return f"{pruned.source}: nothing to drop, {pruned.kept:,} bodies kept"
    verb = "would drop" if dry_run else "dropped"
    return (
        f"{pruned.source}: {verb} {pruned.dropped:,} of "
        f"{pruned.dropped + pruned.kept:,} bodies, {pruned.freed:,} bytes; lost: "
        f"history before {day(pruned.floor)} can no longer be derived anew, by a "
        "better parser or another decision; what was derived stays"
    )

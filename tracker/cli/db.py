"""Commands that keep the database: upgrade, check, backup, restore, copy."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, counted, emit, say, table

if TYPE_CHECKING:
    from tracker.keeping.database import Copied

app = typer.Typer(
    help="Keep the database: upgrade, check, backup, restore, copy.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Force = Annotated[
    bool, typer.Option("--force", help="Replace what is there already, all of it.")
]
COPIED = ("table", "rows", "sha256")
FOUND = ("fault", "what", "advice")


@app.command()
def upgrade(*, db: options.Db = None) -> None:
    """Make the database, or bring its schema up to date."""
    from storage.engine import masked
    from tracker import wiring
    from tracker.keeping import database

    url = wiring.database_url(db)
    done = database.upgrade(url)
    if done.before is None:
        say(f"made {masked(url)} with schema {done.after}")
    elif done.before == done.after:
        say(f"schema {done.after} is the newest; nothing to do")
    else:
        say(f"upgraded from schema {done.before} to {done.after}")


@app.command()
def check(*, db: options.Db = None, form: options.Form = Format.TABLE) -> None:
    """Look through the database: its file, schema, rows and stored bodies.

    Exit 1 if something is wrong; each line says what to do.
    """
    from tracker import wiring
    from tracker.keeping import database

    with wiring.opened(db) as store:
        found = database.check(store)
        rows = sum(database.counted(store).values())
    bad = len(list(database.faults(found)))
    if form is not Format.TABLE:
        listed = [{name: getattr(f, name) for name in FOUND} for f in found]
        emit(listed, FOUND, form)
    else:
        for finding in found:
            say(f"{finding.what}; {finding.advice}")
        verdict = counted(bad, "fault") if bad else "nothing is wrong"
        say(f"{verdict} in {rows:,} rows")
    raise typer.Exit(1 if bad else 0)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to.")],
    *,
    force: Force = False,
    db: options.Db = None,
) -> None:
    """Back the database up into one file, while others may write to it.

    The file is an SQLite database, of a PostgreSQL server too.
    """
    from tracker import wiring
    from tracker.cli.progress import Bar
    from tracker.keeping import database

    began = time.perf_counter()
    with wiring.opened(db) as store, Bar() as bar:
        made = database.backup(store, file, bar, force=force)
    rows = sum(made.rows.values())
    took = f"{time.perf_counter() - began:.1f} s"
    say(f"backed up {rows:,} rows into {file} ({made.size:,} bytes), checked; {took}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    force: Force = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Put a backup into an empty database, or with --force in place of one."""
    from tracker import wiring
    from tracker.cli.progress import Bar
    from tracker.keeping import database

    with wiring.opened(db, fresh=True) as store, Bar() as bar:
        done = database.restore(store, file, bar, force=force)
    _tell(done, "restored", form)


@app.command()
def copy(
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="The database to copy into.")
    ],
    force: Force = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Copy everything into another database, of either kind, and compare.

    Ids are kept. All of it is there in the end, or nothing.
    """
    from tracker import wiring
    from tracker.cli.progress import Bar
    from tracker.keeping import database

    with (
        wiring.opened(db) as store,
        wiring.opened(to, fresh=True) as target,
        Bar() as bar,
    ):
        done = database.copy(store, target, bar, force=force)
    _tell(done, "copied", form)


def _tell(done: "Sequence[Copied]", verb: str, form: Format) -> None:
    if form is not Format.TABLE:
        listed = [{name: getattr(each, name) for name in COPIED} for each in done]
        emit(listed, COPIED, form)
        return
    filled = [(c.table, f"{c.rows:,}", c.sha256[:16]) for c in done if c.rows]
    table("", ["table", ">rows", "sha256 of the rows"], filled)
    rows = sum(each.rows for each in done)
    say(f"{verb} {rows:,} rows of {len(done)} tables; what stands is what was read")

"""Commands that fill the database: sync, backfill, rebuild."""

import time
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, emit, say
from tracker.domain.errors import UsageError


def sync(
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this source; repeatable."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use only what is installed: litellm.")
    ] = False,
    at: options.At = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Take this body for the --source."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; store nothing.")
    ] = False,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """Read the sources now, all unless one is named, and record what changed."""
    from tracker import wiring
    from tracker.cli import summary
    from tracker.cli.progress import Bar

    began = time.perf_counter()
    request = wiring.SyncRequest(
        sources=source or [],
        offline=offline,
        at=wiring.instant_if_any(at),
        file=file,
    )
    with wiring.opened(db, rehearse=dry_run, fresh=True) as store:
        with Bar() as bar:
            report = wiring.run_sync(store, request, bar)
        if form is not Format.TABLE:
            emit(summary.sync_rows(report), summary.SYNC_COLUMNS, form)
        else:
            lines = summary.sync_lines(store, report, now=wiring.now(), dry_run=dry_run)
            for line in lines:
                say(line)
            say(f"took {time.perf_counter() - began:.1f} s")
    raise typer.Exit(report.exit_code)


def backfill(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="litellm, openrouter, openai, ...")
    ],
    *,
    from_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Read captured bodies from this folder."),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            metavar="week|release",
            help="One a week, or all. [default: week; with --from-dir release]",
        ),
    ] = None,
    since: options.Since = None,
    until: options.Until = None,
    db: options.Db = None,
) -> None:
    """Fetch the history from before now: litellm's releases, or a folder."""
    from tracker import wiring
    from tracker.cli import summary
    from tracker.cli.progress import Bar

    began = time.perf_counter()
    if every not in (None, "week", "release"):
        raise UsageError(f"--every takes week or release, not {every!r}")
    request = wiring.BackfillRequest(
        source=source,
        folder=from_dir,
        weekly=every == "week" if every else from_dir is None,
        since=wiring.instant_if_any(since),
        until=wiring.instant_if_any(until),
    )
    with wiring.opened(db, fresh=True) as store, Bar() as bar:
        report = wiring.run_backfill(store, request, bar)
        lines = summary.backfill_lines(store, report)
    for line in lines:
        say(line)
    say(f"took {time.perf_counter() - began:.1f} s")
    raise typer.Exit(report.exit_code)


def rebuild(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="Default: all.")
    ] = None,
    *,
    db: options.Db = None,
) -> None:
    """Drop what was derived from the captures and derive it anew."""
    from tracker import wiring
    from tracker.cli import summary
    from tracker.cli.progress import Bar

    began = time.perf_counter()
    with wiring.opened(db) as store, Bar() as bar:
        done = wiring.run_rebuild(store, source, bar)
        lines = summary.rebuild_lines(store, done)
    for line in lines:
        say(line)
    say(f"took {time.perf_counter() - began:.1f} s")

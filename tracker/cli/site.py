"""`pricetrail site`: the web page as files."""

import gc
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import counted, say, tell
from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from tracker.web.site.folder import Counts

NAMED = 5
"""How many files of others are named."""


def site(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")],
    *,
    url: options.Url = None,
    jobs: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=256, help="Processes; 0 for one for each core."
        ),
    ] = 0,
    gzip: Annotated[
        bool, typer.Option("--gzip", help="Put a compressed copy beside each file.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--all", help="Make every page, changed or not.")
    ] = False,
    db: options.Db = None,
) -> None:
    """Write the web page as files; what has not changed is not touched."""
    _refuse_without_extra()
    from tracker import config, wiring
    from tracker.cli.progress import Bar
    from tracker.web.rendering import draws
    from tracker.web.site.build import Job, build

    began = time.perf_counter()
    job = Job(folder, config.web({"url": url}).url, jobs, packs=gzip, anew=anew)
    if not draws():
        tell(
            "the pages will have no pictures; for those: pip install 'pricetrail[web]'"
        )
    gc.enable()  # pages are made of cycles, and there may be ten thousand
    with _stopped_well(), wiring.opened(db) as store, Bar() as bar:
        counts = build(store, job, wiring.now, bar)
    _sum_up(counts, folder, time.perf_counter() - began)


def _refuse_without_extra() -> None:
    """Before anything is written: the last of its pages need it.

    Raises:
        UsageError: the extra `web` is not installed.
    """
    try:
        import fastapi  # noqa: F401 - whether it is there
    except ImportError:
        from tracker.web.serving import MISSING

        raise UsageError(MISSING) from None


@contextmanager
def _stopped_well() -> Iterator[None]:
    """Whoever ends it by SIGTERM, as supervisors do, gets what Ctrl-C gets: its
    processes end in order, and one line says so.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _sum_up(counts: "Counts", folder: Path, took: float) -> None:
    whole = counted(counts.written + counts.unchanged, "file")
    done = f"{counts.written:,} written, {counts.unchanged:,} unchanged"
    say(f"{whole} in {folder}: {done}, {counts.deleted:,} deleted")
    say(f"took {took:.1f} s")
    if counts.foreign:
        first = ", ".join(counts.foreign[:NAMED])
        more = len(counts.foreign) - NAMED
        rest = f" and {counted(more, 'other')}" if more > 0 else ""
        tell(f"not written, because files of others stand there: {first}{rest}")
        raise typer.Exit(1)

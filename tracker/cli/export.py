"""The command that writes the views as files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.output import counted, say


class FileFormat(StrEnum):
    """What the files are."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")],
    *,
    form: Annotated[
        FileFormat, typer.Option("--format", help="What the files are.")
    ] = FileFormat.PARQUET,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only what changed from this day on (UTC)."),
    ] = None,
    db: options.Db = None,
) -> None:
    """Write the views as files, with a manifest."""
    from tracker import wiring
    from tracker.exporting.files import Job, export

    bounds = wiring.span(since, None)
    job = Job(
        folder=folder,
        form=form.value,
        since=bounds["since"],
        now=wiring.now(),
        version=_version(),
    )
    with wiring.opened(db) as store:
        made = export(
            store, job, lambda view, rows: say(f"{view}: {counted(rows, 'row')}")
        )
    files = sum(len(view["files"]) for view in made["views"])
    size = sum(file["bytes"] for view in made["views"] for file in view["files"])
    say(f"{counted(files, 'file')}, {size / 1e6:.1f} MB, in {folder}")


def _version() -> str:
    """The program's version; a checkout that is not installed has none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pricetrail")
    except PackageNotFoundError:
        return "not installed"

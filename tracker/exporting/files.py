"""The views as files, for tools that read no database.

One folder holds a `manifest.json` and a file per view (CSV, JSON Lines), or a folder
of partitions per view (Parquet). The rows come in an order that does not change, so
what differs between two exports is what changed. The files are made in a folder
beside, and moved to their places when all of them are there; the manifest, which has
their checksums, comes last.
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from storage.reading import export as views
from storage.schema import HEAD
from storage.types import instant_text
from storage.unit_of_work import Connection, Store
from tracker.domain.errors import UsageError
from tracker.exporting.writers import (
    TYPES,
    FileMade,
    Rows,
    Written,
    kind_of,
    parquet_library,
    written,
)

FORMATS = ("parquet", "csv", "jsonl")
MANIFEST = "manifest.json"
LAYOUT_VERSION = 1
"""Rises when files or their columns change in a way that breaks readers."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is exported, and as what.

    Attributes:
        folder: where to.
        form: one of `FORMATS`.
        since: only what changed at or after this instant.
        now: this instant.
        version: the program's.
    """

    folder: Path
    form: str
    since: datetime | None
    now: datetime
    version: str


def export(
    store: Store, job: Job, told: Callable[[str, int], None] = lambda *_: None
) -> dict[str, Any]:
    """Write all views to a folder, and return its manifest.

    Args:
        store: the database.
        job: what is exported, and as what.
        told: is called with each view and its number of rows.

    Raises:
        UsageError: the folder holds something else, or Parquet's library is missing.
    """
    before = _manifest_of(job)
    if job.form == "parquet":
        parquet_library()
    parent = job.folder.resolve().parent
    if not parent.is_dir():
        raise UsageError(f"the folder {parent} does not exist; make it first")
    made = Path(tempfile.mkdtemp(prefix=f".{job.folder.name}.", dir=parent))
    try:
        with store.reading() as connection:
            views.steady(connection)
            manifest = _write_all(connection, job, made, told)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (made / MANIFEST).write_text(text, "utf-8")
        _put(made, job.folder, manifest, before)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return manifest


def _write_all(
    connection: Connection, job: Job, made: Path, told: Callable[[str, int], None]
) -> dict[str, Any]:
    listed = []
    for view, layout in views.LAYOUTS.items():
        columns = views.columns_of(connection, view)
        chunks = views.stream(connection, view, columns, since=job.since)
        files = _write_view(view, columns, chunks, job, made)
        rows = sum(file.rows for file in files)
        told(view, rows)
        listed.append(
            {
                "view": view,
                "rows": rows,
                "columns": [{"name": c, "type": TYPES[kind_of(c)]} for c in columns],
                "sorted_by": list(layout.order),
                "partitioned_by": _partition(view) if job.form == "parquet" else None,
                "files": [vars(file) for file in files],
            }
        )
    return {
        "layout": LAYOUT_VERSION,
        "pricetrail": job.version,
        "schema": HEAD,
        "format": job.form,
        "since": instant_text(job.since) if job.since else None,
        "made_at": instant_text(job.now),
        "sources": views.newest_captures(connection),
        "views": listed,
    }


def _partition(view: str) -> str:
    return "year" if views.LAYOUTS[view].year_of else "source"


def _write_view(
    view: str, columns: list[str], chunks: Iterator[Rows], job: Job, made: Path
) -> list[FileMade]:
    if job.form != "parquet":
        return [_write_file(made, f"{view}.{job.form}", columns, chunks, job.form)]
    by, year_of = _partition(view), views.LAYOUTS[view].year_of
    place = columns.index(year_of or by)
    kept = [n for n in range(len(columns)) if year_of or n != place]
    names = [columns[n] for n in kept]

    def part_of(row: Sequence[Any]) -> str:
        return str(row[place])[:4] if year_of else str(row[place])

    files: list[FileMade] = []
    with contextlib.ExitStack() as stack:
        writer: Written | None = None
        for chunk in chunks:
            for part, rows in groupby(chunk, key=part_of):
                path = f"{view}/{by}={part}/part-0.parquet"
                if writer is None or writer.made.path != path:
                    stack.close()
                    writer = written(made, path, names, job.form)
                    files.append(stack.enter_context(writer).made)
                writer.write([[row[n] for n in kept] for row in rows])
    return files


def _write_file(
    made: Path, path: str, columns: list[str], chunks: Iterator[Rows], form: str
) -> FileMade:
    with written(made, path, columns, form) as writer:
        for chunk in chunks:
            writer.write(chunk)
    return writer.made


def _manifest_of(job: Job) -> dict[str, Any]:
    """The manifest of an earlier export to this folder.

    Raises:
        UsageError: it holds other things, or an export of another kind.
    """
    folder = job.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder")
    if not folder.exists():
        return {}
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        kind = (found["format"], found["since"] is None)
        _ = [file["path"] for view in found["views"] for file in view["files"]]
    except FileNotFoundError:
        if any(path.name != ".git" for path in folder.iterdir()):
            raise UsageError(
                f"{folder} holds something else; name a new or an empty folder"
            ) from None
        return {}
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{folder / MANIFEST} is no manifest of an export") from None
    if kind != (job.form, job.since is None):
        what = "a full export" if kind[1] else "an increment"
        raise UsageError(
            f"{folder} holds {what} as {kind[0]}; give this one a folder of its own"
        )
    return dict(found)


def _put(
    made: Path, folder: Path, manifest: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Move what was made to its place; what the last export had besides goes."""
    if not folder.exists():
        made.chmod(0o755)
        made.rename(folder)
        return
    new = _paths(manifest)
    for path in new:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).replace(folder / path)
    for path in _paths(before):
        if path not in new and _within(folder, path):
            (folder / path).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty: it stays
                (folder / path).parent.rmdir()
    (made / MANIFEST).replace(folder / MANIFEST)


def _paths(manifest: Mapping[str, Any]) -> list[str]:
    return [
        file["path"] for view in manifest.get("views", ()) for file in view["files"]
    ]


def _within(folder: Path, path: str) -> bool:
    """Whether a path of an old manifest, which anyone may have edited, is in it."""
    return (folder / path).resolve().is_relative_to(folder.resolve())

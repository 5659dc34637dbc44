"""What a backfill should fetch: litellm's releases, or the bodies of a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.backfill import Wanted, on_main_line
from tracker.domain.errors import UsageError
from tracker.sources import folder as folders
from tracker.sources.registry import SourceSpec

if TYPE_CHECKING:
    from tracker.sources.litellm_releases import MapReader, Release

CONNECTIONS = 8
"""Requests to the package index at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Bodies to fetch, oldest first, and what to say about the list itself."""

    wanted: list[Wanted]
    notes: list[str] = field(default_factory=list)
    connections: int = 1

    def between(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[list[Wanted], list[str]]:
        """The part of it in `[since, until)`.

        Raises:
            UsageError: nothing lies there.
        """
        chosen = [
            want
            for want in self.wanted
            if (since is None or want.observed_at >= since)
            and (until is None or want.observed_at < until)
        ]
        if not chosen:
            first, last = self.wanted[0].observed_at, self.wanted[-1].observed_at
            raise UsageError(
                f"nothing between these dates; there is {first:%Y-%m-%d} to "
                f"{last:%Y-%m-%d}"
            )
        return chosen, self.notes


@contextmanager
def made(spec: SourceSpec, folder: Path | None, *, weekly: bool) -> Iterator[Plan]:
    """The plan for a source; connections are let go at the end.

    Raises:
        UsageError: the source has no history but in captured bodies.
    """
    if folder is not None:
        yield _of_folder(spec, folder, weekly=weekly)
    elif spec.name == "litellm":
        with _of_index(spec, weekly=weekly) as plan:
            yield plan
    else:
        raise UsageError(
            f"{spec.name} publishes no history; give captured bodies with --from-dir"
        )


def _of_folder(spec: SourceSpec, folder: Path, *, weekly: bool) -> Plan:
    bodies, others = folders.list_bodies(folder)
    wanted = [
        Wanted(
            label=body.path.name,
            observed_at=body.observed_at,
            version=body.version,
            url=f"file:{body.path.name}",
            read=partial(folders.read_body, body.path, max_bytes=spec.max_bytes),
        )
        for body in bodies
    ]
    kept, left = on_main_line(_apart(wanted))
    notes = [f"{path.name} is no captured body, left out" for path in others]
    if left:
        notes.append(f"{len(left)} back-ports left out: {_names(left)}")
    return Plan(_one_a_week(kept) if weekly else kept, notes)


@contextmanager
def _of_index(spec: SourceSpec, *, weekly: bool) -> Iterator[Plan]:
    from tracker.sources import litellm_releases as releases

    line = releases.main_line(releases.list_releases())
    chosen = releases.weekly(line.releases) if weekly else line.releases
    count, left = len(line.releases), len(line.back_ports)
    notes = [
        f"{count + left} releases, {left} back-ports left out, {len(chosen)} chosen"
    ]
    notes += [
        f"no release between {a.uploaded_at:%Y-%m-%d} and {b.uploaded_at:%Y-%m-%d}"
        for a, b in releases.gaps(line.releases)
    ]
    reader = releases.MapReader(connections=CONNECTIONS, max_bytes=spec.max_bytes)
    try:
        wanted = _apart([_release(r, reader) for r in chosen])
        yield Plan(wanted, notes, CONNECTIONS)
    finally:
        reader.close()


def _release(release: "Release", reader: "MapReader") -> Wanted:
    return Wanted(
        label=f"litellm {release.version}",
        observed_at=release.uploaded_at.replace(microsecond=0),
        version=release.version,
        url=release.url,
        read=partial(reader.read, release),
    )


def _apart(wanted: list[Wanted]) -> list[Wanted]:
    """Bodies of one instant (releases of one day) a second apart: each capture
    of a source has an instant of its own.
    """
    spread: list[Wanted] = []
    for want in wanted:
        at = want.observed_at
        if spread and at <= spread[-1].observed_at:
            at = spread[-1].observed_at + timedelta(seconds=1)
        spread.append(replace(want, observed_at=at))
    return spread


def _one_a_week(wanted: list[Wanted]) -> list[Wanted]:
    return list({w.observed_at.isocalendar()[:2]: w for w in wanted}.values())


def _names(wanted: list[Wanted]) -> str:
    return ", ".join(w.label for w in wanted[:5]) + (", ..." if wanted[5:] else "")

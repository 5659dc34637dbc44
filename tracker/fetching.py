"""Where the bodies of a sync come from: the network, the installed package, a file."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage.runs import Validators
from tracker.domain.errors import SourceError
from tracker.sources.registry import SourceSpec
from tracker.sync import Fetch, Find, FoundBody

if TYPE_CHECKING:
    from tracker.backfill import Progress
    from tracker.sources import crawl
    from tracker.sources.crawl import Failed, Fetched


def fetcher(file: Path | None, *, offline: bool, progress: "Progress") -> Fetch:
    """The way to bodies that fits: a file that was given, what is installed, or
    the sources themselves.
    """
    if file is not None:
        return _from_file(file)
    return _installed_only if offline else _from_the_network(progress)


def _from_file(path: Path) -> Fetch:
    """A body from a file, which the user vouches for."""

    def find(spec: SourceSpec) -> FoundBody:
        from tracker.sources.folder import read_body

        body = read_body(path, max_bytes=spec.max_bytes)
        return FoundBody(body=body, origin="file", url=path.resolve().as_uri())

    return lambda _specs, _known: find


def _installed_only(_specs: list[SourceSpec], _known: Mapping[str, Validators]) -> Find:
    def find(spec: SourceSpec) -> FoundBody:
        if spec.name != "litellm":
            raise SourceError(
                "nothing of it is installed; run sync without --offline, or give a "
                "saved body with --file"
            )
        return _installed_map(spec, offline=True)

    return find


def _installed_map(spec: SourceSpec, *, offline: bool) -> FoundBody:
    """The installed litellm's map; online also its release's upload time."""
    from tracker.sources import litellm_package

    found = litellm_package.read_installed_map(max_bytes=spec.max_bytes)
    return FoundBody(
        body=found.body,
        origin="package",
        url=f"package:litellm/{found.version}/{litellm_package.MAP_NAME}",
        version=found.version,
        uploaded_at=lambda: None if offline else _uploaded_at(found.version),
    )


def _uploaded_at(version: str) -> datetime | None:
    from tracker.sources.litellm_releases import upload_time

    return upload_time(version)


def _from_the_network(progress: "Progress") -> Fetch:
    """All sources at once, by a child process."""

    def fetch(specs: list[SourceSpec], known: Mapping[str, Validators]) -> Find:
        from tracker import config
        from tracker.sources import crawl

        settings = config.crawl_settings()
        wanted = [_wanted(spec, known.get(spec.name)) for spec in specs]
        progress.stage("fetching", len(wanted))
        with tempfile.TemporaryDirectory(prefix="pricetrail-") as spool:
            got = crawl.crawl(wanted, settings, Path(spool), progress.step)
        return lambda spec: _found(spec, got)

    return fetch


def _wanted(spec: SourceSpec, named: Validators | None) -> "crawl.Wanted":
    from tracker.sources import crawl

    named = named or Validators()
    return crawl.Wanted(
        source=spec.name,
        max_bytes=spec.max_bytes,
        etag=named.etag,
        last_modified=named.last_modified,
    )


def _found(spec: SourceSpec, got: "Mapping[str, Fetched | Failed]") -> FoundBody:
    """What came of a source; where litellm's live map was not to be had, the
    installed one.
    """
    from tracker.sources.crawl import Fetched

    result = got[spec.name]
    if isinstance(result, Fetched):
        return FoundBody(
            body=result.body,
            origin="live",
            url=result.url,
            complete=result.complete,
            shortfall=result.note,
            etag=result.etag,
            last_modified=result.last_modified,
        )
    if spec.name != "litellm":
        raise SourceError(result.reason)
    return replace(
        _installed_map(spec, offline=False),
        shortfall=f"{result.reason}; looked at the installed map instead",
    )

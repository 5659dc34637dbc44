"""Reading sources from the network: another process fetches, this side judges.

The crawler (`python -m crawler.run`) reads all sources at once into a spool. It may
hang, die or be wrong; it is given a time, then killed with all it started, and what
it left is believed only as far as its manifests can be checked.
"""

import hashlib
import json
import re
import shutil
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.pages import bundle
from tracker.domain.errors import SourceError, UsageError
from tracker.sources.crawl_child import running
from tracker.sources.crawl_settings import CrawlSettings
from tracker.sources.manifests import Manifest, PartFile, read_manifest, verdict

__all__ = ["CrawlSettings", "Failed", "Fetched", "Wanted", "crawl"]

MOST_MANIFEST = 8 * 1024 * 1024
_LOG_END = 4096
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_GRACE = 5.0
"""Seconds before the time limit at which the crawler ends by itself, naming what is
missing; at the limit it is killed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source to read.

    Attributes:
        max_bytes: more than this is not read, all its pages together.
        etag, last_modified: what its last capture came with, if it is to be sent
            only if it changed; only for sources of one page.
        arguments: what its spider is to be told besides.
    """

    source: str
    max_bytes: int
    etag: str | None = None
    last_modified: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a source.

    Attributes:
        body: None if the server says that the last capture still is the newest.
        url: the page, or the first of several.
        complete: whether its silence may prove something.
        note: why it may not; empty if it may.
        etag, last_modified: what to ask with next time.
        fetched_at: when the last of its pages was there.
    """

    source: str
    body: bytes | None
    url: str
    complete: bool
    note: str
    etag: str | None
    last_modified: str | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A source of which nothing came: what was wrong and what to do, in one line."""

    source: str
    reason: str


def crawl(
    wanted: Sequence[Wanted],
    settings: CrawlSettings,
    spool: Path,
    told: Callable[[str], None] = lambda _: None,
) -> dict[str, Fetched | Failed]:
    """Read sources from the network, all at once.

    Args:
        wanted: which ones.
        settings: how.
        spool: a folder for what comes; what an earlier crawl left there of these
            sources is removed first.
        told: is called with the name of each source as soon as it is done.

    Returns:
        What became of each source, in the order of `wanted`.

    Raises:
        UsageError: a name that cannot be one of a source.
        OSError: the spool cannot be written, or the crawler not be started.
    """
    if not wanted:
        return {}
    until = time.monotonic() + settings.time_limit.total_seconds()
    request, log = _prepared(wanted, settings, spool), spool / "crawl.log"
    with running(request, log, until=until) as child:
        by_itself = child.follow({each.source for each in wanted}, told)
    why = _last_line(log) if by_itself else _out_of_time(settings)
    return {each.source: _outcome(each, spool, why) for each in wanted}


def _prepared(wanted: Sequence[Wanted], settings: CrawlSettings, spool: Path) -> Path:
    """The request file, in a spool that holds nothing old of these sources."""
    for each in wanted:
        if not _NAME.fullmatch(each.source):
            raise UsageError(f"{each.source!r:.100} cannot be the name of a source")
        shutil.rmtree(spool / each.source, ignore_errors=True)
    spool.mkdir(parents=True, exist_ok=True)
    request = spool / "request.json"
    request.write_text(json.dumps(_request(wanted, settings, spool)), encoding="utf-8")
    return request


def _request(
    wanted: Sequence[Wanted], settings: CrawlSettings, spool: Path
) -> dict[str, object]:
    limit = settings.time_limit.total_seconds()
    return {
        "spool": str(spool.resolve()),
        "contact": settings.contact,
        "time_limit": limit - min(_GRACE, limit / 4),
        "asked_at": time.time(),
        "delay": settings.delay.total_seconds(),
        "timeout": settings.timeout.total_seconds(),
        "backoff": settings.backoff.total_seconds(),
        "origins": dict(settings.origins),
        "sources": [
            {
                "name": each.source,
                "max_bytes": each.max_bytes,
                "etag": each.etag,
                "last_modified": each.last_modified,
                "arguments": dict(each.arguments),
            }
            for each in wanted
        ],
    }


def _outcome(wanted: Wanted, spool: Path, why: str) -> Fetched | Failed:
    """What became of one source; `why` is said where it left no manifest."""
    folder = spool / wanted.source
    try:
        body = _content(folder / "manifest.json", MOST_MANIFEST)
    except FileNotFoundError:
        return Failed(wanted.source, why)
    except (OSError, SourceError) as fault:
        return Failed(wanted.source, f"its manifest cannot be read: {fault}")
    try:
        return _judged(read_manifest(body, wanted.source), folder, wanted)
    except (OSError, SourceError) as fault:
        return Failed(wanted.source, f"what the crawler left cannot be used: {fault}")


def _judged(manifest: Manifest, folder: Path, wanted: Wanted) -> Fetched | Failed:
    found = verdict(manifest)
    if not found.usable:
        return Failed(manifest.source, found.text)
    if not manifest.parts:
        return _still_the_same(manifest, wanted)
    newest = max(manifest.parts, key=lambda part: part.fetched_at)
    alone = manifest.parts[0] if not manifest.bundled else None
    return Fetched(
        source=manifest.source,
        body=_body(manifest, folder, wanted.max_bytes),
        url=manifest.parts[0].url,
        complete=found.complete,
        note=found.text,
        etag=(alone.etag or None) if alone else None,
        last_modified=(alone.last_modified or None) if alone else None,
        fetched_at=newest.fetched_at,
    )


def _still_the_same(manifest: Manifest, wanted: Wanted) -> Fetched:
    return Fetched(
        source=manifest.source,
        body=None,
        url=manifest.not_modified,
        complete=True,
        note="",
        etag=wanted.etag,
        last_modified=wanted.last_modified,
        fetched_at=manifest.finished_at,
    )


def _body(manifest: Manifest, folder: Path, most: int) -> bytes:
    """The source's body: its page, or its pages as a bundle."""
    if sum(part.size for part in manifest.parts) > most:
        raise SourceError(f"its pages are larger than {most:,} bytes")
    parts = [bundle.Part(part.url, _page(folder, part)) for part in manifest.parts]
    if not manifest.bundled:
        return parts[0].body
    return bundle.pack(parts, [page.url for page in manifest.missed])


def _page(folder: Path, part: PartFile) -> bytes:
    """One page, exactly as the manifest says that it is."""
    body = _content(folder / part.file, part.size)
    if len(body) != part.size or hashlib.sha256(body).hexdigest() != part.sha256:
        raise SourceError(f"{part.file} is not what the manifest says")
    return body


def _content(path: Path, most: int) -> bytes:
    """A plain file's bytes, if they are not too many."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        raise SourceError(f"{path.name} is no plain file of at most {most:,} bytes")
    return path.read_bytes()


def _out_of_time(settings: CrawlSettings) -> str:
    limit = settings.time_limit.total_seconds()
    return f"not finished within {limit:g} s; a longer time: PRICETRAIL_CRAWL_SECONDS"


def _last_line(log: Path) -> str:
    """What the crawler said last before it ended without having been asked to."""
    text = log.read_bytes()[-_LOG_END:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1][:200] if lines else "it said nothing"
    return f"the crawler ended before it was done: {last}"

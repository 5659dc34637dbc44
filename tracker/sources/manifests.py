"""What a crawl left behind for one source, and what may be concluded from it.

The crawler is another process, and Scrapy ends as "finished" with exit code 0 where
robots.txt forbade every page or where our own code failed. So nothing is believed
but the manifest, read here with suspicion; whether a source was read whole is decided
by `verdict` alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tracker.domain.errors import SourceError

MOST_PARTS = 1000
LONGEST_TEXT = 300

_FILE = re.compile(r"[0-9]{3,4}\.body")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BrokenManifest(SourceError):
    """A manifest that is not one; nothing of its source is believed."""


@dataclass(frozen=True, slots=True)
class PartFile:
    """One page that came, and the file that holds it.

    Attributes:
        file: its name within the source's folder, never a path.
        etag, last_modified: empty if the server gave none.
    """

    url: str
    file: str
    size: int
    sha256: str
    status: int
    etag: str
    last_modified: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class MissedPage:
    """One page that did not come: a stable word, and a line for a person."""

    url: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the crawler says of one source.

    Attributes:
        bundled: whether its pages are kept together as one capture.
        finish_reason: Scrapy's word for how the spider ended.
        not_modified: the page of which the server says that the last capture still
            is the newest; empty if it says that of none.
        exceptions: how many faults the crawler's own code had.
    """

    source: str
    bundled: bool
    finish_reason: str
    finished_at: datetime
    not_modified: str
    parts: tuple[PartFile, ...]
    missed: tuple[MissedPage, ...]
    exceptions: int
    first_exception: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a manifest amounts to.

    Attributes:
        usable: whether there is anything to take.
        complete: whether its silence may prove something.
        text: what is wrong, in one line; empty if nothing is.
    """

    usable: bool
    complete: bool
    text: str = ""


def read_manifest(body: bytes, source: str) -> Manifest:
    """Read a manifest.

    Raises:
        BrokenManifest: it is not one, or not the one of this source.
    """
    try:
        manifest = _manifest(orjson.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BrokenManifest(f"its manifest is damaged ({fault!r:.100})") from None
    if manifest.source != source:
        raise BrokenManifest(f"its manifest is that of {manifest.source!r:.100}")
    if len(manifest.parts) > MOST_PARTS:
        raise BrokenManifest(f"its manifest lists {len(manifest.parts)} pages")
    return manifest


def verdict(manifest: Manifest) -> Verdict:
    """Whether a source was read whole, in part, or not at all.

    Whole: the spider finished, nothing failed in our own code, every page that was
    asked for came with status 200, and there was at least one.
    """
    faults = tuple(_faults(manifest))
    if manifest.not_modified and not manifest.parts and not faults:
        return Verdict(usable=True, complete=True)
    if not manifest.parts:
        text = _why_nothing(manifest) or "; ".join(faults)
        return Verdict(usable=False, complete=False, text=text)
    if not manifest.bundled and len(manifest.parts) > 1:
        text = f"{len(manifest.parts)} pages came where one was asked for"
        return Verdict(usable=False, complete=False, text=text)
    return Verdict(usable=True, complete=not faults, text="; ".join(faults))


def _faults(manifest: Manifest) -> Iterable[str]:
    """All that speaks against the source having been read whole."""
    missed, parts = manifest.missed, manifest.parts
    if missed:
        asked = len(missed) + len(parts)
        yield f"{len(missed)} of {asked} pages are missing, first: {missed[0].text}"
    if any(part.status != 200 for part in parts):
        yield "a page came with another status than 200"
    if parts and manifest.not_modified:
        yield "of some pages it is only known that they have not changed"
    if manifest.exceptions:
        yield f"a fault of the crawler itself: {manifest.first_exception}"
    if manifest.finish_reason != "finished":
        yield f"the crawler stopped early ({manifest.finish_reason})"
    if not parts and not missed and not manifest.not_modified:
        yield "no page came, and nothing says why"


def _why_nothing(manifest: Manifest) -> str:
    """Why no page came: what was wrong with the first, and what can be done."""
    if not manifest.missed:
        return ""
    first = manifest.missed[0]
    advice = _ADVICE.get(first.reason, _LATER).format(source=manifest.source)
    return f"{first.text}; {advice}"


_SAVED = "take a saved page: pricetrail sync --source {source} --file PAGE"
_LATER = "it is asked again at the next sync"

_ADVICE = {
    "dns": "is there a network?",
    "unreachable": "is there a network?",
    "tls": "is the clock right, or a proxy in the way?",
    "http_401": _SAVED,
    "http_403": _SAVED,
    "robots": _SAVED,
    "content_type": _SAVED,
    "no_links": _SAVED,
    "too_large": _SAVED,
    "redirects": _SAVED,
    "redirect_private": _SAVED,
    "redirect_insecure": _SAVED,
    "http_404": "the page has moved; look for a newer version of Pricetrail",
    "http_410": "the page has moved; look for a newer version of Pricetrail",
}


def _manifest(said: dict[str, Any]) -> Manifest:
    return Manifest(
        source=_text(said["source"]),
        bundled=said["bundled"] is True,
        finish_reason=_text(said["finish_reason"]),
        finished_at=_instant(said["finished_at"]),
        not_modified=_text(said["not_modified"], longest=4000),
        parts=tuple(_part(part) for part in said["parts"]),
        missed=tuple(_missed(page) for page in said["failures"]),
        exceptions=_whole(said["exceptions"]),
        first_exception=_text(said["first_exception"]),
    )


def _part(said: dict[str, Any]) -> PartFile:
    file, digest = _text(said["file"]), _text(said["sha256"])
    if not _FILE.fullmatch(file) or not _DIGEST.fullmatch(digest):
        raise ValueError("a part without a file")
    return PartFile(
        url=_text(said["url"], longest=4000),
        file=file,
        size=_whole(said["size"]),
        sha256=digest,
        status=_whole(said["status"]),
        etag=_text(said["etag"]),
        last_modified=_text(said["last_modified"]),
        fetched_at=_instant(said["fetched_at"]),
    )


def _missed(said: dict[str, Any]) -> MissedPage:
    url = _text(said["url"], longest=4000)
    return MissedPage(url, _text(said["reason"]), _text(said["text"]))


def _text(value: object, *, longest: int = LONGEST_TEXT) -> str:
    """A text as one line of what can be printed."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    line = " ".join(value.split())
    return "".join(c if c.isprintable() else "�" for c in line)[:longest]


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a whole number")
    return value


def _instant(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at.astimezone(UTC)

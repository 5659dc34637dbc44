"""litellm's releases in the package index, and the price map inside each wheel.

Only the map is fetched out of a wheel, by HTTP ranges: 90 kB of 23 MB.
"""

import itertools
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import requests
from pypi_simple import PyPISimple
from pypi_simple.errors import NoSuchProjectError, UnsupportedContentTypeError
from remotezip import RemoteIOError, RemoteZip
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tracker.domain.errors import NothingThere, SourceError
from tracker.sources.litellm_package import MAP_NAME
from tracker.sources.mainline import MainLine, version_of

if TYPE_CHECKING:
    from pypi_simple import DistributionPackage

MEMBER = f"litellm/{MAP_NAME}"
TIMEOUT = 30.0
"""Seconds without a byte before a request is given up."""
TRIES = 4
AGENT = "pricetrail (price history of LLM APIs; reads the price map of each release)"

_FAULTS = (
    requests.RequestException,
    RemoteIOError,
    NoSuchProjectError,
    UnsupportedContentTypeError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Release:
    """One release of litellm: its version, when it was uploaded, and its wheel."""

    version: str
    uploaded_at: datetime
    url: str


def list_releases(*, timeout: float = TIMEOUT, tries: int = TRIES) -> list[Release]:
    """Every release that has a wheel, oldest first; pre-releases count, withdrawn
    ("yanked") ones too, for they too were once the newest.

    Raises:
        SourceError: the index cannot be read.
    """
    try:
        with PyPISimple(session=_session(tries)) as index:
            page = index.get_project_page("litellm", timeout=timeout)
    except _FAULTS as fault:
        raise SourceError(
            f"the package index cannot be read ({_cause(fault)}); is there a network? "
            "with captured maps: pricetrail backfill litellm --from-dir DIR"
        ) from fault
    return _first_wheels(page.packages)


def _first_wheels(packages: Iterable["DistributionPackage"]) -> list[Release]:
    """The first uploaded wheel of each version; platforms carry the same map."""
    first: dict[str, Release] = {}
    for package in packages:
        version, at = package.version, package.upload_time
        if package.package_type != "wheel" or version is None or at is None:
            continue
        if version_of(version) is None:
            continue
        known = first.get(version)
        if known is None or at < known.uploaded_at:
            first[version] = Release(version, at, package.url)
    return sorted(first.values(), key=lambda r: (r.uploaded_at, r.version))


def upload_time(version: str) -> datetime | None:
    """When a release was uploaded; None if the index does not say, or not in time."""
    try:
        releases = list_releases(timeout=5.0, tries=1)
    except SourceError:
        return None
    return next((r.uploaded_at for r in releases if r.version == version), None)


@dataclass(frozen=True, slots=True)
class Line:
    """The releases to read, and those passed over as back-ports."""

    releases: list[Release]
    back_ports: list[Release]


def main_line(releases: list[Release]) -> Line:
    """Leave out versions that came after a higher one."""
    line = MainLine()
    kept: list[Release] = []
    left: list[Release] = []
    for release in releases:
        (left if line.leaves_out(release.version) else kept).append(release)
        line = line.after(release.version)
    return Line(kept, left)


def weekly(releases: list[Release]) -> list[Release]:
    """The last release of each ISO week."""
    by_week = {r.uploaded_at.isocalendar()[:2]: r for r in releases}
    return list(by_week.values())


def gaps(releases: list[Release], *, days: int = 21) -> list[tuple[Release, Release]]:
    """Neighbours that lie more than `days` apart: the history has holes there."""
    pairs = itertools.pairwise(releases)
    return [(a, b) for a, b in pairs if (b.uploaded_at - a.uploaded_at).days > days]


class MapReader:
    """Reads maps out of wheels over a few kept connections.

    Args:
        connections: how many at once.
        max_bytes: a larger map is refused before it is unpacked.
    """

    def __init__(self, *, connections: int, max_bytes: int) -> None:
        self._session = _session(TRIES, connections)
        self._max_bytes = max_bytes

    def read(self, release: Release) -> bytes:
        """The map of one release.

        Raises:
            SourceError: it cannot be fetched, or the wheel holds none.
        """
        try:
            with RemoteZip(
                release.url, session=self._session, timeout=TIMEOUT
            ) as wheel:
                size = wheel.getinfo(MEMBER).file_size
                if size > self._max_bytes:
                    raise SourceError(f"its map has {size / 1e6:.0f} MB")
                with wheel.open(MEMBER) as member:
                    body: bytes = member.read(self._max_bytes + 1)
                    return body
        except KeyError:
            raise NothingThere("its wheel holds no price map") from None
        except _FAULTS as fault:
            raise SourceError(_cause(fault)) from fault

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def _session(tries: int, connections: int = 4) -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = AGENT
    retry = Retry(
        total=tries,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        respect_retry_after_header=True,
    )
    session.mount("https://", HTTPAdapter(max_retries=retry, pool_maxsize=connections))
    return session


def _cause(fault: BaseException) -> str:
    """A network fault in a few words, without addresses."""
    text = str(fault).lower()
    for sign, words in _SIGNS.items():
        if sign in text:
            return words
    return type(fault).__name__


_SIGNS = {
    "resolve": "the name does not resolve",
    "refused": "connection refused",
    "unreachable": "network unreachable",
    "timed out": "time-out",
    "certificate": "the certificate is not trusted",
    "too many": "too many failures",
    "404": "not found",
    "403": "forbidden",
}

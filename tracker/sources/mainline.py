"""The main line of litellm's releases: which one may follow which.

A back-port (a lower version uploaded after a higher one) carries an older map;
taken for news it would put old prices back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=8192)
def version_of(text: str | None) -> Version | None:
    """A release number as something that sorts, or None if it is none."""
    if not text:
        return None
    try:
        return Version(text)
    except InvalidVersion:
        return None


def newest(texts: Iterable[str]) -> str | None:
    """The highest of these release numbers."""
    known = [(version, text) for text in texts if (version := version_of(text))]
    return max(known)[1] if known else None


def is_older(text: str | None, than: str | None) -> bool:
    """Whether one release comes before another; False where either is unknown."""
    one, other = version_of(text), version_of(than)
    return one is not None and other is not None and one < other


@dataclass(frozen=True, slots=True)
class MainLine:
    """The main line as far as it has been applied; `newest` is its last release."""

    newest: str | None = None

    def leaves_out(self, version: str | None) -> bool:
        """Whether a capture of this version would go back in time."""
        return is_older(version, self.newest)

    def after(self, version: str | None) -> "MainLine":
        """The line once a capture of this version is applied."""
        if version_of(version) is None or self.leaves_out(version):
            return self
        return MainLine(version)

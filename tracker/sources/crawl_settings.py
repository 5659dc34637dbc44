"""How sources are read from the network, as the environment configures it."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from tracker.domain.errors import UsageError

CONTACT = "PRICETRAIL_CONTACT"
SECONDS = "PRICETRAIL_CRAWL_SECONDS"
DELAY = "PRICETRAIL_CRAWL_DELAY"
TIMEOUT = "PRICETRAIL_CRAWL_TIMEOUT"
BACKOFF = "PRICETRAIL_CRAWL_BACKOFF"
ORIGINS = "PRICETRAIL_ORIGINS"

LONGEST_CONTACT = 200
_DAY = 86400.0


@dataclass(frozen=True)
class CrawlSettings:
    """How a crawl behaves.

    Attributes:
        contact: an e-mail or web address that the operators of the sources are told
            in the User-Agent; without one they are told what Pricetrail is.
        time_limit: when a crawl ends, whatever it has.
        delay: between two requests to one host.
        timeout: of one exchange, from the name's lookup to the body's last byte.
        backoff: before the first second try; twice as long before each further one.
        origins: hosts that are read elsewhere, as origin (`https://models.dev`) to
            base address (`http://127.0.0.3:8123`): a mirror, or a test's server. Only
            hosts that stand here may have private addresses.
    """

    contact: str = ""
    time_limit: timedelta = timedelta(minutes=10)
    delay: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=30)
    backoff: timedelta = timedelta(seconds=1)
    origins: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ
    ) -> "CrawlSettings":
        """Read the variables that begin with PRICETRAIL_; each has a default.

        Raises:
            UsageError: one of them makes no sense; the message names it.
        """
        return cls(
            contact=_contact(environ.get(CONTACT, "")),
            time_limit=_seconds(environ, SECONDS, cls.time_limit, least=1),
            delay=_seconds(environ, DELAY, cls.delay),
            timeout=_seconds(environ, TIMEOUT, cls.timeout, least=0.1),
            backoff=_seconds(environ, BACKOFF, cls.backoff),
            origins=_origins(environ.get(ORIGINS, "")),
        )


def _contact(text: str) -> str:
    """What may stand in a header line, in brackets."""
    plain = text.isascii() and text.isprintable() and not set("()\\") & set(text)
    if not plain or len(text) > LONGEST_CONTACT:
        raise UsageError(
            f"{CONTACT} goes into every request: an e-mail or web address in plain "
            f"characters, no longer than {LONGEST_CONTACT}"
        )
    return text.strip()


def _seconds(
    environ: Mapping[str, str], name: str, default: timedelta, *, least: float = 0.0
) -> timedelta:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= _DAY:
        raise UsageError(f"{name} takes seconds from {least:g} on, not {text!r:.40}")
    return timedelta(seconds=number)


def _origins(text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not all(map(_is_pair, said.items())):
        raise UsageError(
            f"{ORIGINS} takes a JSON object of origins and base addresses, as in "
            '{"https://models.dev": "http://127.0.0.1:8000"}'
        )
    return {_trimmed(origin): _trimmed(base) for origin, base in said.items()}


def _is_pair(pair: tuple[object, object]) -> bool:
    origin, base = pair
    return _is_address(origin, path=False) and _is_address(base, path=True)


def _is_address(value: object, *, path: bool) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return False
    rest = parts.query + parts.fragment + ("" if path else parts.path.rstrip("/"))
    return fits and not rest and "@" not in parts.netloc


def _trimmed(address: str) -> str:
    return address.rstrip("/")

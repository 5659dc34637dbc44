"""Second tries: few, ever later, and never sooner than the server asks for."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.faults import Refused, word_of

LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is left alone until the next sync."""

_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
_STATUS_TRIES = 3

_FAULT_TRIES: Mapping[str, int] = {
    # A name that does not resolve, a closed door and a silent host seldom change
    # within seconds, and without a network all sources meet them at once.
    "dns": 1,
    "refused": 1,
    "timeout": 1,
    "unreachable": 1,
    "reset": 3,
    "truncated": 3,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited: `base` seconds, then twice, then four times as long."""

    base: float = 1.0
    longest: float = LONGEST_WAIT

    def wait(self, tries: int, asked: float | None, left: float) -> float | None:
        """Seconds until the next try, or None if there is to be none.

        Args:
            tries: how many second tries there were already.
            asked: seconds that the server asks for, if it does.
            left: seconds until the crawl's time is up.
        """
        wait = max(self.base * 2**tries, asked or 0.0)
        return wait if wait <= self.longest and wait < left else None


def asked_wait(header: str, now: datetime) -> float | None:
    """What Retry-After asks for in seconds: a number of them, or a date."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - now).total_seconds(), 0.0)


class Retries:
    """Asks again for what may be better the next time.

    A source's requests come one after the other, so that a wait here pauses all
    that is asked of its hosts.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self._patience = Patience(settings.getfloat("PRICETRAIL_BACKOFF"))
        self._ends_at = settings.getfloat("PRICETRAIL_ENDS_AT") or float("inf")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Retries":
        """Scrapy's way to make one."""
        return cls(crawler.settings)

    async def process_response(
        self, request: Request, response: Response
    ) -> Request | Response:
        """Ask again where the server has a passing trouble, or too much to do."""
        if response.status not in _STATUSES:
            return response
        header = (response.headers.get("Retry-After") or b"").decode("latin1")
        asked = asked_wait(header, datetime.now(UTC))
        return await self._again(request, _STATUS_TRIES, asked) or response

    async def process_exception(
        self, request: Request, exception: Exception
    ) -> Request | None:
        """Ask again where the connection failed; what we refused stays refused."""
        if isinstance(exception, Refused):
            return None
        return await self._again(request, _FAULT_TRIES.get(word_of(exception), 0))

    async def _again(
        self, request: Request, most: int, asked: float | None = None
    ) -> Request | None:
        tries = request.meta.get("retry_times", 0)
        left = self._ends_at - time.monotonic()
        wait = self._patience.wait(tries, asked, left) if tries < most else None
        if wait is None:
            return None
        await asyncio.sleep(wait)
        again: Request = request.copy()
        again.meta["retry_times"] = tries + 1
        again.dont_filter = True
        return again

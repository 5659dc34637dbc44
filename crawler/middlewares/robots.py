"""robots.txt, as RFC 9309 has it.

Scrapy's own middleware lets everything pass where robots.txt cannot be had. The
standard says otherwise (2.3.1.4): a server that fails, or does not answer, has to be
taken to forbid all; only an answer of 4xx means that there are no rules (2.3.1.3).
We take 429 for the former: a server that is asked too much has not said yes.
"""

import asyncio
import time

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.faults import NETWORK, Refused, text_of, word_of
from crawler.net.addresses import host_of, origin_of

AGENT = "pricetrail"
"""The name by which robots.txt may address us."""

MOST_BYTES = 1024 * 1024
LONGEST_DELAY = 30.0
"""Seconds; a longer Crawl-delay is cut to this, and says to leave it at a page."""

_OURS = "pricetrail_robots"


class ObeyRobots:
    """Asks each host for its rules once, and keeps to them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, Protego | Refused] = {}
        self._last: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ObeyRobots":
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass if its host's rules do.

        Raises:
            Refused: robots.txt forbids it, or could not be had.
        """
        if request.meta.get(_OURS):
            return
        origin = origin_of(request.url)
        if origin not in self._rules:
            self._rules[origin] = await self._asked(origin, request)
        rules = self._rules[origin]
        if isinstance(rules, Refused):
            raise rules
        if not rules.can_fetch(request.url, AGENT):
            host = host_of(request.url)
            raise Refused("robots", f"robots.txt of {host} does not allow it")
        await self._pace(origin, rules)

    async def _asked(self, origin: str, cause: Request) -> Protego | Refused:
        meta = {_OURS: True, "download_maxsize": MOST_BYTES}
        if "redirect_urls" in cause.meta:  # for a fault to say how we came there
            meta["redirect_urls"] = cause.meta["redirect_urls"]
        robots = Request(
            f"{origin}/robots.txt", callback=NO_CALLBACK, dont_filter=True, meta=meta
        )
        try:
            response = await self._crawler.engine.download_async(robots)
        except (*NETWORK, Refused) as fault:
            return Refused(word_of(fault), text_of(fault, origin))
        return _rules_of(response, host_of(origin))

    async def _pace(self, origin: str, rules: Protego) -> None:
        """Keep to the Crawl-delay between two pages of a host."""
        delay = min(rules.crawl_delay(AGENT) or 0.0, LONGEST_DELAY)
        wait = self._last.get(origin, 0.0) + delay - time.monotonic()
        if delay and origin in self._last and wait > 0:
            await asyncio.sleep(wait)
        self._last[origin] = time.monotonic()


def _rules_of(response: Response, host: str) -> Protego | Refused:
    """The rules of an answer: what it says, or none if the server has none."""
    status = response.status
    if 400 <= status < 500 and status != 429:
        return Protego.parse("")
    if not 200 <= status < 300:
        return Refused(
            "robots_unreachable",
            f"robots.txt of {host} answered {status}, so nothing may be read there",
        )
    return Protego.parse(response.body.decode("utf-8-sig", errors="ignore"))

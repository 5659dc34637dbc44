"""Names are looked up here, and what they resolve to is checked.

The check stands where the connection gets its address from, so that a name that
resolves to one address for a check and to another for the connection (DNS
rebinding) gains nothing.
"""

from collections.abc import Sequence
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.net.addresses import Origins, host_of, is_public

refused: dict[str, str] = {}
"""Names that were refused, with the address each resolved to. Twisted tells a
connection only that a lookup failed; here stands why."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver (IPv4, in threads), which gives out public addresses only.

    Args:
        reactor, cache_size, timeout: as Scrapy's own resolver takes them.
    """

    allowed: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "PublicResolver":
        """Scrapy's way to make one; reads where the configuration reroutes to."""
        resolver = super().from_crawler(crawler, reactor)
        named = Origins(crawler.settings.getdict("PRICETRAIL_ORIGINS")).hosts
        # A proxy that the environment names is the way out, wherever it stands.
        resolver.allowed = named | {host_of(url) for url in getproxies().values()}
        return resolver

    def getHostByName(  # noqa: N802
        self, name: str, timeout: Sequence[int] = ()
    ) -> "Deferred[str]":
        """Look a name up, and fail as if it did not exist if it is not public."""
        found = super().getHostByName(name, timeout)
        return found if name in self.allowed else found.addCallback(_checked, name)


def _checked(address: str, name: str) -> str:
    if not is_public(address):
        refused[name] = address
        raise DNSLookupError(f"{name} resolves to {address}, which is not public")
    return address

"""One exchange with a server: the last place before the wire, so nothing gets by.

Robots files, redirects and retries all pass here. An exchange goes to a public host
over https, or to where the configuration reroutes it; it ends within its time and
size, and its body is whole.
"""

import time
from http import HTTPStatus

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler.faults import Refused
from crawler.net import resolver
from crawler.net.addresses import Origins, host_of, is_address, is_public
from crawler.net.encoding import ACCEPTED, unpacked

FOREVER = float("inf")


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler for HTTP/1.1, with a guard before and a check after it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._origins = Origins(settings.getdict("PRICETRAIL_ORIGINS"))
        self._ends_at = settings.getfloat("PRICETRAIL_ENDS_AT") or FOREVER
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._limit = settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        """Have one page, whole.

        Raises:
            Refused: it is not to be asked for, or not to be taken.
        """
        try:
            response = await super().download_request(self._outward(request))
        except CannotResolveHostError:
            address = resolver.refused.get(host_of(request.url))
            if address is None:
                raise
            raise _private(request, address) from None
        return self._inward(request, response)

    def _outward(self, request: Request) -> Request:
        """The request as it goes out: where to, for how long, with what headers."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise Refused("time_limit", "the crawl's time was up before its turn")
        target = self._origins.target(request.url)
        if target is None:
            self._guard(request)
        # A rerouted page stands on a host of our own: no proxy leads there.
        past_proxy = {"proxy": None} if target else {}
        outward = request.replace(
            url=target or request.url,
            meta={
                **request.meta,
                **past_proxy,
                "download_timeout": min(self._timeout, left),
            },
        )
        outward.headers["Accept-Encoding"] = ACCEPTED
        return outward

    def _guard(self, request: Request) -> None:
        host = host_of(request.url)
        if host in self._origins.hosts:
            return
        if is_address(host) and not is_public(host):
            raise _private(request, host)
        if not request.url.startswith("https:"):
            raise _refused(request, "insecure", f"{host} is asked for over https only")

    def _inward(self, request: Request, response: Response) -> Response:
        """The response under the address that was asked for, its body unpacked."""
        if response.status != HTTPStatus.OK:
            return response.replace(url=request.url)
        if "partial" in response.flags:
            host = host_of(request.url)
            text = f"{host} does not say where the body ends: it may be cut short"
            raise Refused("truncated", text)
        encodings = _encodings(response)
        if not encodings:
            return response.replace(url=request.url)
        limit = request.meta.get("download_maxsize", self._limit)
        body = unpacked(response.body, encodings, limit)
        del response.headers["Content-Encoding"]
        kind = responsetypes.from_args(response.headers, request.url, body=body)
        whole = Response(request.url, response.status, response.headers, body)
        return whole.replace(cls=kind)


def _encodings(response: Response) -> list[str]:
    listed = b",".join(response.headers.getlist("Content-Encoding")).decode("latin1")
    return [word.strip().lower() for word in listed.split(",") if word.strip()]


def _private(request: Request, address: str) -> Refused:
    host = host_of(request.url)
    where = host if host == address else f"{host} ({address})"
    text = f"{where} is not an address of the open internet"
    return _refused(request, "private", text)


def _refused(request: Request, word: str, text: str) -> Refused:
    """The refusal, which says where a redirect led there."""
    before = request.meta.get("redirect_urls")
    if not before:
        return Refused(word, text)
    return Refused(f"redirect_{word}", f"{host_of(before[0])} redirects away: {text}")

"""What all spiders have in common: a few pages, one after the other."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import ClassVar, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.faults import NETWORK, Refused, text_of, word_of
from crawler.items import Fetched, Missed, NotModified, Page, QuoteRow, quote_rows
from crawler.net.addresses import host_of
from crawler.pages.bundle import Part, pack
from crawler.spool import Spool
from tracker.domain.errors import UnreadableBody

JSON = ("application/json",)
MARKDOWN = ("text/markdown", "text/x-markdown", "text/plain")
HTML = ("text/html", "application/xhtml+xml")

_LAST_ITEM = 0.05


class PriceSpider(scrapy.Spider):
    """Reads the pages of one source.

    Its pages are had in turn, in plain code (`read`), and each comes as a value: as
    fetched, as not modified, or as missed for a reason. A crawl with a spool keeps
    these there; one by hand (`scrapy crawl NAME -O out.json`) yields the quotes.

    Attributes:
        urls: the pages to read, or the first ones, that name the others.
        accepts: content types, or how they begin; another is a page that was not
            asked for.
        bundled: whether its pages are kept together as one capture.
        etag, last_modified: what the last capture came with, if the page is wanted
            only if it changed since; given as spider arguments.
    """

    urls: ClassVar[tuple[str, ...]] = ()
    accepts: ClassVar[tuple[str, ...]] = JSON
    bundled: ClassVar[bool] = False
    etag: str = ""
    last_modified: str = ""
    spool: Spool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: str, **kwargs: str) -> Self:
        """Scrapy's way to make one; takes the crawl's spool, if it has one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.spool = Spool.of(crawler)
        if cls.bundled:  # one page's validator says nothing of the others
            spider.etag = spider.last_modified = ""
        return spider

    async def start(self) -> AsyncIterator[QuoteRow]:
        """Read the source: its pages go to the spool, or its quotes to a person."""
        pages: list[Page] = []
        async for page in self._bounded():
            if self.spool is None:
                pages.append(page)
            else:
                self.spool.keep(page)
        for row in self._quotes(pages):
            yield row
        if pages:
            # Scrapy looks only every five seconds whether the last item is done.
            await asyncio.sleep(_LAST_ITEM)

    async def read(self) -> AsyncIterator[Page]:
        """The source's pages; a source that has to look for them says how."""
        for url in self.urls:
            yield await self.page(url)

    async def page(self, url: str) -> Page:
        """One page, or what was wrong with it."""
        request = Request(
            url, headers=self._headers(), callback=NO_CALLBACK, dont_filter=True
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except (*NETWORK, Refused) as fault:
            return Missed(url, word_of(fault), text_of(fault, url))
        return self._taken(url, response)

    async def _bounded(self) -> AsyncIterator[Page]:
        """The pages, as long as all together are no larger than one may be."""
        left = self.settings.getint("DOWNLOAD_MAXSIZE")
        async for page in self.read():
            left -= len(page.body) if isinstance(page, Fetched) else 0
            if left < 0:
                text = f"the pages of {self.name} together are larger than is read"
                yield Missed(page.url, "too_large", text)
                return
            yield page

    def _headers(self) -> dict[str, str]:
        asked = {
            "Accept": ", ".join((*self.accepts, "*/*;q=0.1")),
            "If-None-Match": self.etag,
            "If-Modified-Since": self.last_modified,
        }
        # A stored validator is the server's own word; one that would not fit into
        # a header line was damaged since.
        return {name: text for name, text in asked.items() if _fits_a_header(text)}

    def _taken(self, url: str, response: Response) -> Page:
        """The answer as a page, if it is one of those asked for, whole and plain."""
        host, status = host_of(url), response.status
        validators = (_header(response, "ETag"), _header(response, "Last-Modified"))
        if status == HTTPStatus.NOT_MODIFIED and (self.etag or self.last_modified):
            return NotModified(url, *validators)
        if status != HTTPStatus.OK:
            return Missed(url, f"http_{status}", _status_text(host, response))
        kind = _header(response, "Content-Type").lower()
        if not kind.startswith(self.accepts):
            sent = kind.partition(";")[0].strip() or "no content type"
            text = f"{host} sent {sent}, not {self.accepts[0]}"
            return Missed(url, "content_type", text)
        if not response.body.strip():
            return Missed(url, "empty", f"{host} sent an empty page")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Fetched(url, response.body, status, kind, *validators, now)

    def _quotes(self, pages: list[Page]) -> Iterator[QuoteRow]:
        """What the pages say; what is wrong with them goes to the log."""
        for page in pages:
            if isinstance(page, Missed):
                self.logger.error("%s (%s)", page.text, page.url)
        parts = [Part(p.url, p.body) for p in pages if isinstance(p, Fetched)]
        if not parts:
            return
        module = importlib.import_module(f"crawler.pages.{self.name.replace('-', '_')}")
        body = pack(parts) if self.bundled else parts[0].body
        try:
            yield from quote_rows(module.parse(body), module.flatten)
        except UnreadableBody as fault:
            self.logger.error("%s", fault)  # noqa: TRY400 - a line, no traceback


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin1").strip()


def _fits_a_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def _status_text(host: str, response: Response) -> str:
    status = response.status
    known = {member.value: member.phrase for member in HTTPStatus}
    phrase = f" ({known[status]})" if status in known else ""
    asked = _header(response, "Retry-After")
    wait = f" and asks to wait {asked[:40]}" if _fits_a_header(asked) else ""
    return f"{host} answered {status}{phrase}{wait}"

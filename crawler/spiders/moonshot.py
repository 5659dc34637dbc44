"""Moonshot's pricing pages: an index, and a page for each family of models."""

import re
from collections.abc import AsyncIterator

from crawler.items import Fetched, Page
from crawler.spider import MARKDOWN, PriceSpider

HOME = "https://platform.kimi.ai/docs"
LISTING = f"{HOME}/llms.txt"

_FAMILY = re.compile(
    r"https://platform\.kimi\.ai/docs/pricing/chat-[A-Za-z0-9._-]+\.md\b"
)


def family_pages(listing: str) -> list[str]:
    """The families' pages that the documentation's list of pages names."""
    return list(dict.fromkeys(_FAMILY.findall(listing)))


class MoonshotSpider(PriceSpider):
    """Reads the page of all prices, and the families' pages where there are any."""

    name = "moonshot"
    urls = (f"{HOME}/pricing/chat.md",)
    accepts = MARKDOWN
    bundled = True

    async def read(self) -> AsyncIterator[Page]:
        """The pricing pages; the list of all pages is not one and is not kept."""
        yield await self.page(self.urls[0])
        listing = await self.page(LISTING)
        if not isinstance(listing, Fetched):
            yield listing
            return
        for url in family_pages(listing.body.decode("utf-8", "replace")):
            yield await self.page(url)

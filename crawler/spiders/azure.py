"""Azure's retail prices of the models that it serves, page by page."""

from collections.abc import AsyncIterator
from urllib.parse import urljoin

import orjson

from crawler.items import Fetched, Missed, Page
from crawler.net.addresses import origin_of
from crawler.spider import JSON, PriceSpider

MOST_PAGES = 200

# What was "Azure OpenAI" is one of several products of this service since 2025.
_SERVICE = "serviceName%20eq%20%27Foundry%20Models%27"


def next_page(url: str, body: bytes) -> str | None:
    """Where the list goes on; None on its last page, or if the page is unreadable."""
    try:
        link = orjson.loads(body).get("NextPageLink")
        return urljoin(url, link) if link else None
    except (ValueError, TypeError, AttributeError):
        return None


class AzureSpider(PriceSpider):
    """Reads the whole list, following its links from page to page."""

    name = "azure"
    urls = (f"https://prices.azure.com/api/retail/prices?$filter={_SERVICE}",)
    accepts = JSON
    bundled = True

    async def read(self) -> AsyncIterator[Page]:
        """The pages of the list; one that cannot be had hides all behind it."""
        url: str | None = self.urls[0]
        for _ in range(MOST_PAGES):
            if url is None:
                return
            if origin_of(url) != origin_of(self.urls[0]):
                yield Missed(url, "foreign", "the list goes on on another host")
                return
            page = await self.page(url)
            yield page
            url = next_page(url, page.body) if isinstance(page, Fetched) else None
        if url is not None:
            yield Missed(url, "too_many", f"the list has more than {MOST_PAGES} pages")

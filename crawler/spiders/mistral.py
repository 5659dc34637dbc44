"""Mistral's models, each with its prices on a page of its own."""

import re
from collections.abc import AsyncIterator

from crawler.items import Fetched, Missed, Page
from crawler.spider import HTML, PriceSpider

HOME = "https://docs.mistral.ai"

# The index shows what is sold as cards. A table below names some forty models that
# were retired; their links have no card's colour.
_CARD = re.compile(r'--model-color:[^>]{0,400}?href="/models/([A-Za-z0-9._-]+)"')


def model_pages(index: str) -> list[str]:
    """The pages of the models that the index shows as sold, in its order."""
    slugs = dict.fromkeys(_CARD.findall(index))
    return [f"{HOME}/models/{slug}" for slug in slugs]


class MistralSpider(PriceSpider):
    """Reads the index for the names of the pages, then every model's page."""

    name = "mistral"
    urls = (f"{HOME}/models",)
    accepts = HTML
    bundled = True

    async def read(self) -> AsyncIterator[Page]:
        """The index, which says that the list is whole, and the models' pages."""
        index = await self.page(self.urls[0])
        if not isinstance(index, Fetched):
            yield index
            return
        pages = model_pages(index.body.decode("utf-8", "replace"))
        if not pages:
            text = "the index of docs.mistral.ai names no model in the way it used to"
            yield Missed(index.url, "no_links", text)
            return
        yield index
        for url in pages:
            yield await self.page(url)

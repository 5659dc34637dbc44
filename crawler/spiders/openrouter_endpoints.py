"""OpenRouter's offers of single models: who serves each, and for how much."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from crawler.items import Missed, Page
from crawler.spider import JSON, PriceSpider

HOME = "https://openrouter.ai/api/v1/models"


def endpoint_pages(models: str) -> list[str]:
    """The addresses of the models named in `author/slug,author/slug`."""
    named = dict.fromkeys(name.strip() for name in models.split(",") if name.strip())
    return [f"{HOME}/{quote(name, safe='/:~')}/endpoints" for name in named]


class OpenRouterEndpointsSpider(PriceSpider):
    """Reads models on demand: `scrapy crawl openrouter-endpoints -a models=a/b,c/d`.

    Attributes:
        models: the models' ids, separated by commas.
    """

    name = "openrouter-endpoints"
    accepts = JSON
    bundled = True
    models: str = ""

    async def read(self) -> AsyncIterator[Page]:
        """One page for each model that was named."""
        pages = endpoint_pages(self.models)
        if not pages:
            text = "no model was named; give them as models=author/slug,author/slug"
            yield Missed(HOME, "no_links", text)
        for url in pages:
            yield await self.page(url)

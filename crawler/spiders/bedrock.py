"""Amazon Bedrock: the price list that AWS publishes, service by service and region."""

from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import urljoin

import orjson

from crawler.items import Fetched, Missed, Page
from crawler.net.addresses import origin_of
from crawler.spider import JSON, PriceSpider

HOME = "https://pricing.us-east-1.amazonaws.com"
SERVICES = ("AmazonBedrock", "AmazonBedrockFoundationModels")
"""Amazon's own models, and those that it sells through its marketplace."""


def region_list(index_url: str, index: bytes, region: str) -> str | None:
    """Where an index says that a region's price list stands; None if nowhere.

    An address on another host is none: the index names paths of its own.
    """
    try:
        path = orjson.loads(index)["regions"][region]["currentVersionUrl"]
        url = urljoin(index_url, path)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return url if origin_of(url) == origin_of(index_url) else None


class BedrockSpider(PriceSpider):
    """Reads both services' lists, in the regions that most people use."""

    name = "bedrock"
    urls = tuple(
        f"{HOME}/offers/v1.0/aws/{service}/current/region_index.json"
        for service in SERVICES
    )
    accepts = (*JSON, "application/octet-stream", "binary/octet-stream")
    bundled = True
    regions: ClassVar[tuple[str, ...]] = (
        "us-east-1",
        "us-west-2",
        "eu-central-1",
        "eu-west-1",
        "ap-northeast-1",
    )

    async def read(self) -> AsyncIterator[Page]:
        """The regions' lists; the indexes only say where they stand."""
        for url in self.urls:
            index = await self.page(url)
            if not isinstance(index, Fetched):
                yield index
                continue
            for region in self.regions:
                yield await self._list(index, region)

    async def _list(self, index: Fetched, region: str) -> Page:
        url = region_list(index.url, index.body, region)
        if url is not None:
            return await self.page(url)
        # The address has to differ by region: missing parts are told apart by it.
        where = f"{index.url}#{region}"
        return Missed(where, "no_links", f"the price list of AWS names no {region}")

"""Z.AI's own pricing page, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class ZaiSpider(PriceSpider):
    """Reads the pricing page."""

    name = "zai"
    urls = ("https://docs.z.ai/guides/overview/pricing.md",)
    accepts = MARKDOWN

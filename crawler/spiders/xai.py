"""xAI's own pricing page, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class XaiSpider(PriceSpider):
    """Reads the pricing page."""

    name = "xai"
    urls = ("https://docs.x.ai/developers/pricing.md",)
    accepts = MARKDOWN

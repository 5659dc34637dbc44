"""MiniMax's own pricing page, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class MiniMaxSpider(PriceSpider):
    """Reads the pay-as-you-go page."""

    name = "minimax"
    urls = ("https://platform.minimax.io/docs/guides/pricing-paygo.md",)
    accepts = MARKDOWN

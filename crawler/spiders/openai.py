"""OpenAI's own pricing page, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class OpenAISpider(PriceSpider):
    """Reads the pricing page."""

    name = "openai"
    urls = ("https://developers.openai.com/api/docs/pricing.md",)
    accepts = MARKDOWN

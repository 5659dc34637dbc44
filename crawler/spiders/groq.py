"""Groq's list of models with their prices, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class GroqSpider(PriceSpider):
    """Reads the models page."""

    name = "groq"
    urls = ("https://console.groq.com/docs/models.md",)
    accepts = MARKDOWN

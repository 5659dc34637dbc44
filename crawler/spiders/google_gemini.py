"""Google's pricing page of the Gemini API, in its Markdown form."""

from crawler.spider import MARKDOWN, PriceSpider


class GoogleGeminiSpider(PriceSpider):
    """Reads the pricing page."""

    name = "google-gemini"
    urls = ("https://ai.google.dev/gemini-api/docs/pricing.md.txt",)
    accepts = MARKDOWN

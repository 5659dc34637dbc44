"""DeepSeek's own pricing page."""

from crawler.spider import HTML, PriceSpider


class DeepSeekSpider(PriceSpider):
    """Reads the pricing page, which comes as HTML only."""

    name = "deepseek"
    urls = ("https://api-docs.deepseek.com/quick_start/pricing",)
    accepts = HTML

"""llm-prices.com: prices kept by hand, with the days from and to which they held."""

from crawler.spider import JSON, PriceSpider


class LlmPricesSpider(PriceSpider):
    """Reads the prices of today and those of the past."""

    name = "llm-prices"
    urls = (
        "https://www.llm-prices.com/current-v1.json",
        "https://www.llm-prices.com/historical-v1.json",
    )
    accepts = JSON
    bundled = True

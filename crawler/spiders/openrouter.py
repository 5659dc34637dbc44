"""OpenRouter's list of models, with the price each is routed at."""

from crawler.spider import JSON, PriceSpider


class OpenRouterSpider(PriceSpider):
    """Reads the public list of models."""

    name = "openrouter"
    urls = ("https://openrouter.ai/api/v1/models",)
    accepts = JSON

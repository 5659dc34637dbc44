"""Cerebras: its public list of models."""

from crawler.spider import JSON, PriceSpider


class CerebrasSpider(PriceSpider):
    """Reads the public list of models."""

    name = "cerebras"
    urls = ("https://api.cerebras.ai/public/v1/models",)
    accepts = JSON

"""Hugging Face's router: who serves which open model, and for how much."""

from crawler.spider import JSON, PriceSpider


class HuggingFaceRouterSpider(PriceSpider):
    """Reads the public list of models."""

    name = "huggingface-router"
    urls = ("https://router.huggingface.co/v1/models",)
    accepts = JSON

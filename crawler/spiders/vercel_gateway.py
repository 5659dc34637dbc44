"""Vercel's AI gateway: what it sells, of many makers."""

from crawler.spider import JSON, PriceSpider


class VercelGatewaySpider(PriceSpider):
    """Reads the public list of models."""

    name = "vercel-gateway"
    urls = ("https://ai-gateway.vercel.sh/v1/models",)
    accepts = JSON

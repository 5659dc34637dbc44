"""models.dev: an open catalogue of models, kept by hand."""

from crawler.spider import JSON, PriceSpider


class ModelsDevSpider(PriceSpider):
    """Reads the whole catalogue, one JSON file."""

    name = "models-dev"
    urls = ("https://models.dev/api.json",)
    accepts = JSON

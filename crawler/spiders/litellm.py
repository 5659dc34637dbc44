"""litellm's model-price map, as it stands on its main branch."""

from crawler.spider import JSON, PriceSpider

MAIN = "https://raw.githubusercontent.com/BerriAI/litellm/main"


class LiteLLMSpider(PriceSpider):
    """Reads the map."""

    name = "litellm"
    urls = (f"{MAIN}/model_prices_and_context_window.json",)
    accepts = (*JSON, "text/plain")  # GitHub serves every raw file as plain text

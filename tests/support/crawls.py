"""Crawls of a small internet: where each source is read, and quick settings."""

import os
from datetime import timedelta
from pathlib import Path

from tests.support.loopback import JSON, MARKDOWN, Internet, Manner, page
from tracker.sources.crawl import CrawlSettings, Failed, Fetched, Wanted, crawl

HTML = "text/html; charset=utf-8"
BEDROCK = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
KIMI = "https://platform.kimi.ai/docs"
LITELLM = "https://raw.githubusercontent.com/BerriAI/litellm/main"

PAGES = {
    "anthropic": "https://platform.claude.com/docs/en/about-claude/pricing.md",
    "azure": "https://prices.azure.com/api/retail/prices"
    "?$filter=serviceName%20eq%20%27Foundry%20Models%27",
    "bedrock": f"{BEDROCK}/AmazonBedrock/current/region_index.json",
    "cerebras": "https://api.cerebras.ai/public/v1/models",
    "deepseek": "https://api-docs.deepseek.com/quick_start/pricing",
    "google-gemini": "https://ai.google.dev/gemini-api/docs/pricing.md.txt",
    "groq": "https://console.groq.com/docs/models.md",
    "huggingface-router": "https://router.huggingface.co/v1/models",
    "litellm": f"{LITELLM}/model_prices_and_context_window.json",
    "llm-prices": "https://www.llm-prices.com/current-v1.json",
    "minimax": "https://platform.minimax.io/docs/guides/pricing-paygo.md",
    "mistral": "https://docs.mistral.ai/models",
    "models-dev": "https://models.dev/api.json",
    "moonshot": f"{KIMI}/pricing/chat.md",
    "openai": "https://developers.openai.com/api/docs/pricing.md",
    "openrouter": "https://openrouter.ai/api/v1/models",
    "vercel-gateway": "https://ai-gateway.vercel.sh/v1/models",
    "xai": "https://docs.x.ai/developers/pricing.md",
    "zai": "https://docs.z.ai/guides/overview/pricing.md",
}
"""The first page that is asked for of each source."""

KINDS = {"deepseek": HTML, "mistral": HTML, "litellm": "text/plain; charset=utf-8"}
MEBIBYTE = 1024 * 1024


def kind_of(source: str) -> str:
    """The content type that a source's page comes with."""
    path = PAGES[source]
    return KINDS.get(source, MARKDOWN if path.endswith((".md", ".txt")) else JSON)


def well(source: str, body: bytes = b'{"data": []}', **headers: str) -> Manner:
    """A source's page as it should come."""
    return page(body, kind_of(source), **headers)


def quick(net: Internet, **changes: object) -> CrawlSettings:
    """Settings for tests: no delays, short times, everything read from `net`."""
    usual = {
        "contact": "prices@example.org",
        "time_limit": timedelta(seconds=60),
        "delay": timedelta(0),
        "timeout": timedelta(seconds=4),
        "backoff": timedelta(seconds=0.05),
        "origins": net.origins,
    }
    return CrawlSettings(**{**usual, **changes})


def wanted(source: str, **changes: object) -> Wanted:
    """A source that is to be read, of a mebibyte at most."""
    return Wanted(source, **{"max_bytes": MEBIBYTE, **changes})


def read(
    net: Internet, folder: Path, *sources: str, **changes: object
) -> dict[str, Fetched | Failed]:
    """Crawl these sources."""
    listed = [wanted(source) for source in sources]
    return crawl(listed, quick(net, **changes), folder / "spool")


def crawler_of(folder: Path) -> int | None:
    """The process that crawls into a folder, if it still runs."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and str(folder) in _words(entry.name):
            return int(entry.name)
    return None


def _words(pid: str) -> str:
    try:
        words = Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""  # gone since it was listed
    return words[-2].decode() if b"crawler.run" in words else ""

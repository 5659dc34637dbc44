"""The captured bodies of `../shared`, served where the spiders look for them."""

import gzip
import json
import lzma
from pathlib import Path

from tests.support.crawls import BEDROCK, KIMI, PAGES, kind_of
from tests.support.loopback import JSON, MARKDOWN, Internet, Manner, Visit

SAMPLES = {
    "anthropic": "anthropic/2026-07-21__about-claude-pricing.md",
    "azure": "azure/2026-10__retail-prices.page.subset.json",
    "cerebras": "cerebras/2026-08__public-v1-models.json",
    "deepseek": "deepseek/2026-05-08__quick_start-pricing.html",
    "google-gemini": "google-gemini/2026-10__pricing-excerpt.md.txt",
    "groq": "groq/2026-08__docs-models.md",
    "huggingface-router": "huggingface-router/2026-08__v1-models.json",
    "minimax": "minimax/2026-10__pricing-paygo.md",
    "moonshot": "moonshot/2026-10__pricing-chat.md",
    "openai": "openai/2026-05-29__developers-docs-pricing.md",
    "openrouter": "openrouter/2026-08-16__api-v1-models.json",
    "vercel-gateway": "vercel-gateway/docs-example__v1-models.json",
    "xai": "xai/2026-09-30__SYNTHETIC-layout_xai.md",
    "zai": "zai/2026-09-30__SYNTHETIC-layout_zai.md",
}
"""The body that each source of one page is given."""

MISTRAL = (
    *("codestral-25-08", "mistral-embed-23-12", "mistral-large-3-25-12", "ocr-4-1"),
)
REGION = "us-east-1"


def stated(body: bytes, kind: str) -> Manner:
    """A page with an ETag: packed, and not sent again to who has it."""
    etag = f'"{len(body)}-{sum(body[:4096])}"'
    packed = gzip.compress(body, mtime=0)

    def manner(visit: Visit) -> None:
        if visit.seen.headers.get("if-none-match") == etag:
            visit.head(304, ETag=etag)
            return
        size = str(len(packed))
        head = {"Content_Type": kind, "Content_Length": size, "ETag": etag}
        visit.head(200, Content_Encoding="gzip", **head)
        visit.send(packed)

    return manner


def serve_all(net: Internet, shared: Path) -> None:
    """Serve every source's captured body; of Mistral and AWS only a part is there."""
    samples = shared / "samples"
    for source, name in SAMPLES.items():
        body = (samples / name).read_bytes()
        net.serve(PAGES[source], stated(body, kind_of(source)))
    for source, folder in (("litellm", "litellm"), ("models-dev", "models-dev")):
        newest = max((shared / "data" / folder).iterdir())
        body = lzma.decompress(newest.read_bytes())
        net.serve(PAGES[source], stated(body, kind_of(source)))
    for name in ("current-v1", "historical-v1"):
        body = (samples / f"simonw-llm-prices/2026-08-05__{name}.json").read_bytes()
        net.serve(f"https://www.llm-prices.com/{name}.json", stated(body, JSON))
    net.serve(f"{KIMI}/llms.txt", stated(b"# Docs\n", MARKDOWN))
    _serve_mistral(net, samples / "mistral")
    _serve_bedrock(net, samples / "bedrock")


def _serve_mistral(net: Internet, folder: Path) -> None:
    html = "text/html; charset=utf-8"
    index = (folder / "2026-08-17__docs-models-index.html").read_bytes()
    net.serve(PAGES["mistral"], stated(index, html))
    for slug in MISTRAL:
        body = (folder / f"2026-08-17__docs-model-{slug}.html").read_bytes()
        net.serve(f"{PAGES['mistral']}/{slug}", stated(body, html))


def _serve_bedrock(net: Internet, folder: Path) -> None:
    """One region of Amazon's own models."""
    path = f"/offers/v1.0/aws/AmazonBedrock/1/{REGION}/index.json"
    index = {"regions": {REGION: {"currentVersionUrl": path}}}
    net.serve(PAGES["bedrock"], stated(json.dumps(index).encode(), JSON))
    origin = BEDROCK.removesuffix("/offers/v1.0/aws")
    body = (folder / "2026-09-11__us-east-1_index.subset.json").read_bytes()
    net.serve(f"{origin}{path}", stated(body, JSON))

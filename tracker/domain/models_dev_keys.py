"""What an entry of models.dev sells, in the names that litellm's map uses.

models.dev names providers after their software packages (`amazon-bedrock`,
`togetherai`). One offer must have one name whoever states its price, or sources
could not be checked against each other; the names are litellm's, the widest map.
"""

import re
from functools import lru_cache

from tracker.domain import litellm_keys
from tracker.domain.offers import Offer

PROVIDERS = {
    "alibaba": "dashscope",
    "amazon-bedrock": "bedrock",
    "azure-cognitive-services": "azure",
    "cloudflare-workers-ai": "cloudflare",
    "digitalocean": "gradient_ai",
    "fireworks-ai": "fireworks_ai",
    "friendli": "friendliai",
    "github-copilot": "github_copilot",
    "google": "gemini",
    "google-vertex": "vertex_ai",
    "google-vertex-anthropic": "vertex_ai",
    "llama": "meta_llama",
    "moonshotai": "moonshot",
    "nova": "amazon_nova",
    "novita-ai": "novita",
    "nvidia": "nvidia_nim",
    "opencode-go": "opencode_go",
    "togetherai": "together_ai",
    "vercel": "vercel_ai_gateway",
    "xiaomi": "xiaomi_mimo",
}
"""Providers that litellm's map calls otherwise. Those not listed keep their name:
most are called the same (openai, anthropic, xai, ...), the others sell under names
that litellm does not know. Mainland Chinese shops (`alibaba-cn`, `zhipuai`, ...) and
subscriptions (`zai-coding-plan`, ...) stay apart: they are sold at other prices."""

# On Azure only OpenAI's models are litellm's `azure`; of 22 others that both name,
# all are its `azure_ai`, and 21 at the same price.
_OPENAI_ON_AZURE = re.compile(
    r"gpt-(?!oss)|o[0-9]|codex|computer-use|dall-e|model-router|sora|text-|tts|whisper"
)


@lru_cache(maxsize=16384)
def offer_of(key: str) -> Offer:
    """The offer behind `<provider>/<model id>`."""
    stated, _, model = key.partition("/")
    provider = PROVIDERS.get(stated, stated)
    if provider == "bedrock":
        # Its prefixes (`us.`, `eu.`, `global.`) are the same in both sources.
        return litellm_keys.read_key(model, provider)[0]
    if provider == "azure" and not _OPENAI_ON_AZURE.match(model):
        provider = "azure_ai"
    return Offer(provider, model)

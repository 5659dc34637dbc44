"""What a key of litellm's map sells: provider, model, region, and key qualifiers.

Keys put more than a name into their path: `azure/eu/gpt-4o` (a data zone),
`bedrock/us-west-2/1-month-commitment/anthropic.claude-v2:1` (a region and a
commitment), `high/1024-x-1024/gpt-image-1.5` (a quality and a size),
`us.anthropic.claude-sonnet-4-6` (a cross-region profile). Region goes into the
offer, the rest qualifies every meter of the entry.
"""

import re
from functools import lru_cache

from tracker.domain.offers import Offer

Qualifiers = tuple[tuple[str, str], ...]

NOT_OFFERS = frozenset({"sample_spec", "fallback_generalizations"})
"""Entries of the map that document it or configure litellm; they sell nothing."""

_PROVIDER_FAMILIES = {
    "azure_text": "azure",
    "bedrock_converse": "bedrock",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
    "text-completion-codestral": "codestral",
    "text-completion-inception": "inception",
    "fireworks_ai-embedding-models": "fireworks_ai",
}

_PATH_PREFIXES = {
    "amazon_nova": ("amazon-nova",),
    "codestral": ("text-completion-codestral",),
    "inception": ("text-completion-inception",),
    "together_ai": ("together_ai",),
}

_AWS_REGION = re.compile(r"(us|eu|ap|ca|sa|me|af|il|mx|cn)(-[a-z]+)+-[0-9]")
_AZURE_ZONES = ("eu", "us", "apac", "global", "global-standard", "us-gov")
_PROFILES = ("us-gov", "us", "eu", "apac", "jp", "au", "in", "ca", "global")
_PROFILE = re.compile(rf"({'|'.join(_PROFILES)})\.(?=[a-z0-9-]+\.|claude|guardrails)")
_SIZE = re.compile(r"([0-9]+|max)-x-([0-9]+|max)")
_STEPS = re.compile(r"([0-9]+|max)-steps")
_COMMITMENT = re.compile(r"([0-9]+-months?)-commitment")
_QUALITIES = ("low", "medium", "high", "hd", "standard", "auto", "max")
_IMAGE_SELLERS = ("openai", "azure", "xai", "fal_ai", "bedrock", "aiml")


@lru_cache(maxsize=16384)
def provider_of(litellm_provider: str) -> str:
    """The seller behind litellm's provider name (`vertex_ai-mistral_models` is
    Vertex AI, `bedrock_converse` is Bedrock).
    """
    if litellm_provider.startswith("vertex_ai"):
        return "vertex_ai"
    return _PROVIDER_FAMILIES.get(litellm_provider, litellm_provider)


@lru_cache(maxsize=16384)
def read_key(key: str, litellm_provider: str) -> tuple[Offer, Qualifiers]:
    """Take a key apart into the offer and the qualifiers its path holds."""
    provider = provider_of(litellm_provider)
    region = ""
    qualifiers: dict[str, str] = {}
    names: list[str] = []
    own = {provider, litellm_provider, *_PATH_PREFIXES.get(provider, ())}
    *path, name = key.split("/")
    for part in path:
        if part in own and not names:
            continue
        zone = _region(part, provider) if not names else None
        found = _qualifier(part, provider) if not names else None
        if zone is not None:
            region = zone
        elif found is not None and found[0] not in qualifiers:
            qualifiers.update([found])
        else:
            names.append(part)
    if provider in ("bedrock", "bedrock_mantle") and not names:
        region, name = _profile(name, region)
    offer = Offer(provider, "/".join([*names, name]), region)
    return offer, tuple(sorted(qualifiers.items()))


def _region(part: str, provider: str) -> str | None:
    if part == "*" and provider == "bedrock":
        return ""
    if provider in ("azure", "azure_ai") and part in _AZURE_ZONES:
        return part
    if provider == "anthropic" and part in ("us", "eu"):
        return part
    return part if _AWS_REGION.fullmatch(part) else None


def _qualifier(part: str, provider: str) -> tuple[str, str] | None:
    if found := _COMMITMENT.fullmatch(part):
        return "commitment", found[1]
    if found := _STEPS.fullmatch(part):
        return "steps", found[1]
    if found := _SIZE.fullmatch(part):
        return "size", f"{found[1]}x{found[2]}"
    if part in _QUALITIES and provider in _IMAGE_SELLERS:
        return "quality", part
    return None


def _profile(name: str, region: str) -> tuple[str, str]:
    found = _PROFILE.match(name)
    if found is None:
        return region, name
    return region or found[1], name[found.end() :]

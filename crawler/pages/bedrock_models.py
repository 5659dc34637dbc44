"""Names of Amazon Bedrock's models: as its price list writes them, and their ids.

The list has no attribute for a model's id. What it has is the id itself in some usage
types (`xai.grok-4.7`), or a name: `Claude Opus 4.7`, `NovaLite`, `Llama4-Maverick-17B`,
`GPT-OSS-Safeguard-20B`. The id is the maker and the name in small letters; what AWS
once put behind it (`-20250805-v1:0`) follows from no rule and is listed here, for the
models of the years in which it did so. A name that is not listed keeps the plain form.
"""

import re
from functools import lru_cache

from crawler.pages.bedrock_usage import squashed

_ID = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9][a-z0-9.:-]*")
_EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)\s*$")

_COMPANIES = {
    "ai21-labs": "ai21",
    "amazon": "amazon",
    "anthropic": "anthropic",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "google": "google",
    "meta": "meta",
    "mistral-ai": "mistral",
    "moonshot-ai": "moonshotai",
    "nvidia": "nvidia",
    "openai": "openai",
    "twelvelabs": "twelvelabs",
    "writer": "writer",
    "xai": "xai",
    "z-ai": "zai",
}
"""Makers that a name may begin with, without it being part of the id."""

_FAMILIES = {
    "claude": "anthropic",
    "command": "cohere",
    "deepseek": "deepseek",
    "devstral": "mistral",
    "embed": "cohere",
    "gemma": "google",
    "glm": "zai",
    "gpt": "openai",
    "grok": "xai",
    "jamba": "ai21",
    "kimi": "moonshotai",
    "llama": "meta",
    "magistral": "mistral",
    "marengo": "twelvelabs",
    "minimax": "minimax",
    "ministral": "mistral",
    "mistral": "mistral",
    "mixtral": "mistral",
    "nemotron": "nvidia",
    "nova": "amazon",
    "palmyra": "writer",
    "pegasus": "twelvelabs",
    "pixtral": "mistral",
    "qwen": "qwen",
    "r1": "deepseek",
    "titan": "amazon",
    "voxtral": "mistral",
}
"""Makers by what their models' names begin with."""

_LISTED = {
    "ai21.jamba-1.5-large": "ai21.jamba-1-5-large-v1:0",
    "ai21.jamba-1.5-mini": "ai21.jamba-1-5-mini-v1:0",
    "ai21.jamba-instruct": "ai21.jamba-instruct-v1:0",
    "anthropic.claude-2-0": "anthropic.claude-v2",
    "anthropic.claude-2-1": "anthropic.claude-v2:1",
    "anthropic.claude-3-5-haiku": "anthropic.claude-3-5-haiku-20241022-v1:0",
    "anthropic.claude-3-5-sonnet": "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-5-sonnet-v2": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "anthropic.claude-3-7-sonnet": "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-3-haiku": "anthropic.claude-3-haiku-20240307-v1:0",
    "anthropic.claude-3-opus": "anthropic.claude-3-opus-20240229-v1:0",
    "anthropic.claude-3-sonnet": "anthropic.claude-3-sonnet-20240229-v1:0",
    "anthropic.claude-haiku-4-5": "anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-instant": "anthropic.claude-instant-v1",
    "anthropic.claude-opus-4": "anthropic.claude-opus-4-20250514-v1:0",
    "anthropic.claude-opus-4-1": "anthropic.claude-opus-4-1-20250805-v1:0",
    "anthropic.claude-opus-4-5": "anthropic.claude-opus-4-5-20251101-v1:0",
    "anthropic.claude-opus-4-6": "anthropic.claude-opus-4-6-v1",
    "anthropic.claude-sonnet-4": "anthropic.claude-sonnet-4-20250514-v1:0",
    "anthropic.claude-sonnet-4-5": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cohere.embed-4-model": "cohere.embed-v4:0",
    "cohere.embed-3-model-english": "cohere.embed-english-v3",
    "cohere.embed-model-3-multilingual": "cohere.embed-multilingual-v3",
    "deepseek.r1": "deepseek.r1-v1:0",
    "deepseek.v3.1": "deepseek.v3-v1:0",
    "mistral.mistral-7b": "mistral.mistral-7b-instruct-v0:2",
    "mistral.mistral-large": "mistral.mistral-large-2402-v1:0",
    "mistral.mistral-large-2407": "mistral.mistral-large-2407-v1:0",
    "mistral.mistral-small": "mistral.mistral-small-2402-v1:0",
    "mistral.mixtral-8x7b": "mistral.mixtral-8x7b-instruct-v0:1",
    "mistral.pixtral-large-25.02": "mistral.pixtral-large-2502-v1:0",
    "openai.gpt-oss-120b": "openai.gpt-oss-120b-1:0",
    "openai.gpt-oss-20b": "openai.gpt-oss-20b-1:0",
    "qwen.qwen3-235b-a22b-2507": "qwen.qwen3-235b-a22b-2507-v1:0",
    "qwen.qwen3-32b": "qwen.qwen3-32b-v1:0",
    "qwen.qwen3-coder-30b-a3b": "qwen.qwen3-coder-30b-a3b-v1:0",
    "qwen.qwen3-coder-480b-a35b": "qwen.qwen3-coder-480b-a35b-v1:0",
    "twelvelabs.pegasus-1.2": "twelvelabs.pegasus-1-2-v1:0",
    "writer.palmyra-x4": "writer.palmyra-x4-v1:0",
    "writer.palmyra-x5": "writer.palmyra-x5-v1:0",
    "amazon.titan-embedding-v2-text": "amazon.titan-embed-text-v2:0",
    "amazon.titan-embeddings-g1-text": "amazon.titan-embed-text-v1",
    "amazon.titan-text-g1-express": "amazon.titan-text-express-v1",
    "amazon.titan-text-g1-lite": "amazon.titan-text-lite-v1",
    "amazon.titan-text-premier": "amazon.titan-text-premier-v1:0",
}
_BY_LETTERS = {squashed(plain): listed for plain, listed in _LISTED.items()}

_LLAMA = re.compile(r"llama-?([2-9])(?:[.-]([1-9]))?-((?:[a-z]{1,12}-)?[0-9]{1,3}b)")
_NOVA = re.compile(r"nova-?(?:([1-9])\.?0?-?)?([a-z]{1,16})(?:-([1-9])\.0)?")
_CLAUDE = re.compile(r"claude-?([4-9](?:-[0-9])?)-?(opus|sonnet|haiku)")
_MINISTRAL = re.compile(r"ministral-([0-9]{1,2}b)-3\.0")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^a-z0-9.:]+")

MAX_NAME = 120


@lru_cache(maxsize=4096)
def model_id(name: str, provider: str = "") -> str:
    """The id of a model, or "" if the name is none.

    Args:
        name: as a usage type, `servicename` or `model` has it.
        provider: the attribute of this name; asked only where the name does not tell
            its maker.
    """
    name = _EDITION.sub("", name[:MAX_NAME])
    if _ID.fullmatch(name):
        plain = name
    else:
        maker, slug = _maker(_slug(name), provider)
        plain = _plain(maker, slug) if slug else ""
    return _BY_LETTERS.get(squashed(plain), plain)


def _slug(name: str) -> str:
    """`Cohere Command R+` as `cohere-command-r-plus`, `NovaLite` as `nova-lite`."""
    apart = _CAMEL.sub("-", name) if name[:5] in _SPLIT_NAMES else name
    return _NO_NAME.sub("-", apart.replace("+", " plus").lower()).strip("-.:")


_SPLIT_NAMES = ("Claud", "NovaL", "NovaM", "NovaP", "NovaS", "Nova2", "Titan")


def _maker(slug: str, provider: str) -> tuple[str, str]:
    """The maker, and the name without it."""
    for company, maker in _COMPANIES.items():
        if slug.startswith(f"{company}-"):
            return maker, slug[len(company) + 1 :]
    for family, maker in _FAMILIES.items():
        if slug.startswith(family):
            return maker, slug
    company = _slug(provider)
    return _COMPANIES.get(company, company), slug


def _plain(maker: str, slug: str) -> str:
    """Maker and name, in the order of words that the maker's ids have."""
    if maker == "anthropic":
        slug = _CLAUDE.sub(r"claude-\2-\1", slug.replace(".", "-"))
    elif found := _LLAMA.fullmatch(slug.removesuffix("-chat")):
        version = "-".join(part for part in found.groups()[:2] if part)
        slug = f"llama{version}-{found[3]}-instruct-v1:0"
    elif maker == "amazon" and (found := _NOVA.fullmatch(slug)):
        version = found[1] or found[3]
        slug = "-".join(["nova", *filter(None, [version]), f"{found[2]}-v1:0"])
    elif found := _MINISTRAL.fullmatch(slug):
        slug = f"ministral-3-{found[1]}-instruct"
    return f"{maker}.{slug}" if maker else slug

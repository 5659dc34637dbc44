"""What keys of litellm's map sell, and how offers are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.litellm_keys import provider_of, read_key
from tracker.domain.offers import Offer, readings_of

KEYS = [
    ("gpt-4o", "openai", Offer("openai", "gpt-4o"), {}),
    ("openai/gpt-4o", "openai", Offer("openai", "gpt-4o"), {}),
    ("ft:gpt-4o-2024-08-06", "openai", Offer("openai", "ft:gpt-4o-2024-08-06"), {}),
    ("davinci-002", "text-completion-openai", Offer("openai", "davinci-002"), {}),
    ("azure/gpt-4o", "azure", Offer("azure", "gpt-4o"), {}),
    ("azure/eu/gpt-4o", "azure", Offer("azure", "gpt-4o", "eu"), {}),
    (
        "azure/global-standard/gpt-4o",
        "azure",
        Offer("azure", "gpt-4o", "global-standard"),
        {},
    ),
    ("azure/us-gov/gpt-4o", "azure", Offer("azure", "gpt-4o", "us-gov"), {}),
    ("azure/apac/gpt-6.1-sol", "azure", Offer("azure", "gpt-6.1-sol", "apac"), {}),
    (
        "azure/hd/1024-x-1792/dall-e-3",
        "azure",
        Offer("azure", "dall-e-3"),
        {"quality": "hd", "size": "1024x1792"},
    ),
    ("azure_ai/global/grok-3", "azure_ai", Offer("azure_ai", "grok-3", "global"), {}),
    (
        "azure_ai/doc-intelligence/prebuilt-read",
        "azure_ai",
        Offer("azure_ai", "doc-intelligence/prebuilt-read"),
        {},
    ),
    (
        "bedrock/us-west-2/1-month-commitment/anthropic.claude-v2:1",
        "bedrock",
        Offer("bedrock", "anthropic.claude-v2:1", "us-west-2"),
        {"commitment": "1-month"},
    ),
    (
        "bedrock/*/6-month-commitment/cohere.command-text-v14",
        "bedrock",
        Offer("bedrock", "cohere.command-text-v14"),
        {"commitment": "6-month"},
    ),
    (
        "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0",
        "bedrock",
        Offer("bedrock", "amazon.nova-canvas-v1:0"),
        {"size": "1024x1024", "steps": "50"},
    ),
    (
        "max-x-max/max-steps/stability.stable-diffusion-xl-v0",
        "bedrock",
        Offer("bedrock", "stability.stable-diffusion-xl-v0"),
        {"size": "maxxmax", "steps": "max"},
    ),
    (
        "us.anthropic.claude-sonnet-4-6",
        "bedrock_converse",
        Offer("bedrock", "anthropic.claude-sonnet-4-6", "us"),
        {},
    ),
    (
        "us-gov.anthropic.claude-sonnet-4-6",
        "bedrock_converse",
        Offer("bedrock", "anthropic.claude-sonnet-4-6", "us-gov"),
        {},
    ),
    (
        "global.anthropic.claude-sonnet-4-6",
        "bedrock_converse",
        Offer("bedrock", "anthropic.claude-sonnet-4-6", "global"),
        {},
    ),
    (
        "anthropic.claude-v2",
        "bedrock",
        Offer("bedrock", "anthropic.claude-v2"),
        {},
    ),
    (
        "bedrock_mantle/us-gov-east-1/openai.gpt-5.4",
        "bedrock_mantle",
        Offer("bedrock_mantle", "openai.gpt-5.4", "us-gov-east-1"),
        {},
    ),
    (
        "vertex_ai/claude-3-5-haiku@20241022",
        "vertex_ai-anthropic_models",
        Offer("vertex_ai", "claude-3-5-haiku@20241022"),
        {},
    ),
    (
        "gemini-3.6-flash",
        "vertex_ai-language-models",
        Offer("vertex_ai", "gemini-3.6-flash"),
        {},
    ),
    (
        "openrouter/openai/gpt-5.4-mini",
        "openrouter",
        Offer("openrouter", "openai/gpt-5.4-mini"),
        {},
    ),
    (
        "openrouter/anthropic/claude-3:beta",
        "openrouter",
        Offer("openrouter", "anthropic/claude-3:beta"),
        {},
    ),
    (
        "high/1024-x-1536/gpt-image-1.5",
        "openai",
        Offer("openai", "gpt-image-1.5"),
        {"quality": "high", "size": "1024x1536"},
    ),
    (
        "low/1024-x-1024/grok-imagine-image-2.0",
        "xai",
        Offer("xai", "grok-imagine-image-2.0"),
        {"quality": "low", "size": "1024x1024"},
    ),
    (
        "fal_ai/max/1920-x-1080/openai/gpt-image-2.5/text-to-image",
        "fal_ai",
        Offer("fal_ai", "openai/gpt-image-2.5/text-to-image"),
        {"quality": "max", "size": "1920x1080"},
    ),
    (
        "fal_ai/fal-ai/recraft/v3/text-to-image",
        "fal_ai",
        Offer("fal_ai", "fal-ai/recraft/v3/text-to-image"),
        {},
    ),
    (
        "text-completion-codestral/codestral-2405",
        "text-completion-codestral",
        Offer("codestral", "codestral-2405"),
        {},
    ),
    ("codestral/codestral-2405", "codestral", Offer("codestral", "codestral-2405"), {}),
    (
        "amazon-nova/nova-lite-v1",
        "amazon_nova",
        Offer("amazon_nova", "nova-lite-v1"),
        {},
    ),
    (
        "fireworks_ai/thenlper/gte-base",
        "fireworks_ai-embedding-models",
        Offer("fireworks_ai", "thenlper/gte-base"),
        {},
    ),
    ("command-r", "cohere_chat", Offer("cohere", "command-r"), {}),
    ("groq/high/x", "groq", Offer("groq", "high/x"), {}),
]


@pytest.mark.parametrize(
    ("key", "stated", "offer", "qualifiers"), KEYS, ids=[k[0] for k in KEYS]
)
def test_a_key_is_taken_apart(key, stated, offer, qualifiers):
    """Provider, model and region make the offer; the rest qualifies its meters."""
    assert read_key(key, stated) == (offer, tuple(sorted(qualifiers.items())))


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_key_sells_something(key, stated):
    """No key fails; none of its parts is said twice or lost without a trace."""
    offer, qualifiers = read_key(key, stated)
    assert offer.provider == provider_of(stated)
    assert len(dict(qualifiers)) == len(qualifiers)
    assert len(offer.model) <= len(key)


@pytest.mark.parametrize(
    ("stated", "provider"),
    [
        ("vertex_ai-mistral_models", "vertex_ai"),
        ("bedrock_converse", "bedrock"),
        ("azure_text", "azure"),
        ("never-met", "never-met"),
    ],
)
def test_families_of_providers_are_one_seller(stated, provider):
    """Technical provider names are folded into who sends the bill."""
    assert provider_of(stated) == provider


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("openai/gpt-4.1-mini", [Offer("openai", "gpt-4.1-mini")]),
        (
            "azure/gpt-4o@eu",
            [Offer("azure", "gpt-4o@eu"), Offer("azure", "gpt-4o", "eu")],
        ),
        (
            "vertex_ai/claude-3-5-haiku@20241022",
            [
                Offer("vertex_ai", "claude-3-5-haiku@20241022"),
                Offer("vertex_ai", "claude-3-5-haiku", "20241022"),
            ],
        ),
        (
            "openrouter/openai/gpt-4o",
            [Offer("openrouter", "openai/gpt-4o")],
        ),
        (
            "a/b@c@d",
            [Offer("a", "b@c@d"), Offer("a", "b@c", "d")],
        ),
        ("x/@eu", [Offer("x", "@eu")]),
        ("gpt-4o", []),
        ("/gpt-4o", []),
        ("openai/", []),
        ("", []),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str) else "",
)
def test_a_text_may_name_offers(text, offers):
    """The most literal reading comes first; a text without a provider has none."""
    assert readings_of(text) == offers


@given(st.from_regex(r"[a-z_]+", fullmatch=True), st.text(min_size=1), st.text())
def test_an_offer_is_among_the_readings_of_its_text(provider, model, region):
    """What is shown for an offer can be typed to find it again."""
    offer = Offer(provider, model, region.replace("@", ""))
    assert offer in readings_of(offer.text)


def test_real_keys_keep_offers_apart(newest_map):
    """In the newest map no two keys of one seller, region and qualifiers are one
    model unless one is the other with its provider written in front.
    """
    seen: dict[object, str] = {}
    for key, entry in newest_map.items():
        stated = entry.get("litellm_provider") or "unknown"
        said = read_key(key, stated)
        other = seen.setdefault(said, key)
        assert key == other or key.split("/")[-1] == other.split("/")[-1]
    assert len(seen) > 50

"""Offers: what is sold. A provider, its model as sold, and a region if one matters."""

from dataclasses import dataclass

FIRST_PARTY = (
    "openai",
    "anthropic",
    "gemini",
    "deepseek",
    "mistral",
    "xai",
    "cohere",
    "moonshot",
    "zai",
    "minimax",
    "dashscope",
    "meta",
    "ai21",
    "perplexity",
    "voyage",
    "jina_ai",
    "amazon_nova",
    "stability",
    "deepgram",
    "assemblyai",
    "elevenlabs",
    "inception",
    "tencent",
    "xiaomi_mimo",
    "vertex_ai",
)
"""Providers that sell models of their own, in the order in which a bare model
name is looked for among them. Resellers are not here: `gpt-4.1-mini` is OpenAI's."""


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One thing that can be bought; `region` is empty where none is named."""

    provider: str
    model: str
    region: str = ""

    @property
    def text(self) -> str:
        """`openai/gpt-4.1-mini`, `azure/gpt-4o@eu`."""
        return f"{self.provider}/{self.model}" + (
            f"@{self.region}" if self.region else ""
        )


def readings_of(text: str) -> list[Offer]:
    """The offers a text may name, the most literal first.

    A model's own name may hold `@` (`vertex_ai/claude-3-5-haiku@20241022`), so a
    text with one is read both ways. A text without `/` names no offer.
    """
    provider, slash, rest = text.partition("/")
    if not slash or not provider or not rest:
        return []
    model, at, region = rest.rpartition("@")
    whole = [Offer(provider, rest)]
    return [*whole, Offer(provider, model, region)] if at and model else whole

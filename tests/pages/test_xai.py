"""What is read from xAI's price page, and from the catalogue in its HTML."""

import contextlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from crawler.pages import bundle, xai
from crawler.pages.bundle import Part
from tests.support import damage
from tracker.domain.errors import UnreadableBody

HEADER = (
    "| Model | Context | Input / 1M tokens | Cached input / 1M tokens "
    "| Output / 1M tokens |"
)
SHORT = "| grok-4.7 (< 200k prompt tokens) | 500k | $2.00 | $0.50 | $6.00 |"
LONG = "| grok-4.7 (≥ 200k prompt tokens) | 500k | $4.00 | $1.00 | $12.00 |"
FLAT = "| grok-4.3 | 1M | $1.25 | $0.20 | $2.50 |"
GROK = {
    "input": "2",
    "cache_read": "0.5",
    "output": "6",
    "input@>200k": "4",
    "cache_read@>200k": "1",
    "output@>200k": "12",
}


def table(*lines: str) -> str:
    """A table of Markdown: the header, what sets it off, the rows."""
    header, *rows = lines
    return "\n".join((header, "| --- " * (header.count("|") - 1) + "|", *rows)) + "\n"


def page(*rows: str, header: str = HEADER, more: str = "") -> bytes:
    """A price page with these rows of language models."""
    listed = table(header, *(rows or (SHORT, LONG, FLAT)))
    text = f"# Pricing\n\n### Text API Pricing\n\n{listed}\n{more}\n\n## Billing\n"
    return text.encode()


IMAGINE = "### Imagine Pricing\n\n" + table(
    "| Model | Cost |",
    "| grok-imagine-image | $0.02 / image |",
    "| grok-imagine-video | $0.050 / sec |",
)
VOICE = "### Voice Pricing\n\n" + table(
    "| Mode | Cost |",
    "| Speech to Speech (grok-voice-2.0) | $0.08 / min ($4.80 / hr) audio<br />$0.004 "
    "/ text input |",
    "| Speech to Speech (grok-voice-1.0) — Deprecated | $0.05 / min ($3.00 / hr) |",
    "| Speech to Text | $0.10 / hr (REST), $0.20 / hr (Streaming) |",
    "| Text to Speech | $15.00 / 1M chars |",
)
OTHERS = "\n".join(
    [
        "### Tool Invocation Costs\n",
        table(
            "| Tool | Tool Name | Description | Cost / 1k Calls |",
            "| Web Search | `web_search` | Looks it up | $5 |",
        ),
        "## Batch API Pricing\n",
        table(
            "| | Real-time API | Batch API |",
            "| Token pricing | Standard rates | Less, by model |",
        ),
        "Less by model:\n\n**20% off standard rates**\n\n- grok-4.3\n\nNo others.\n",
        "## Priority Processing Pricing\n",
        table("| | Standard | Priority |", "| Token pricing | Standard | **2x** |"),
        "## Files\n",
        table("| Resource | Rate |", "| File storage | $0.025 / GiB / day |"),
        "A request that breaks the rules costs $0.05.\n",
    ]
)


def cards(body: bytes) -> dict[str, damage.Card]:
    """The prices of a body, by key."""
    return damage.cards(xai, body)


def facts(body: bytes, key: str) -> dict[str, str]:
    """The facts of one key."""
    return dict(damage.statements(xai, xai.parse(body))[key].facts)


def refusal(body: bytes) -> str:
    """Why a body is refused."""
    with pytest.raises(UnreadableBody) as told:
        xai.parse(body)
    assert str(told.value).startswith("xai pricing: ")
    assert "\n" not in str(told.value)
    return str(told.value)


def test_language_models_by_the_length_of_the_prompt() -> None:
    """Two rows of one model are one offer with two contexts."""
    body = page()
    assert cards(body) == {
        "grok-4.7": GROK,
        "grok-4.3": {"input": "1.25", "cache_read": "0.2", "output": "2.5"},
    }
    said = damage.statements(xai, xai.parse(body))["grok-4.7"]
    assert said.offer.text == "xai/grok-4.7"
    assert said.facts == {"max_input_tokens": "500000"}
    assert said.quotes["input"].raw == "$2.00"
    field = "Text API Pricing › Cached input / 1M tokens"
    assert said.quotes["cache_read"].field == field


@pytest.mark.parametrize(
    "header",
    [
        (
            "| Model | Context | Short context input / 1M tokens "
            "| Long context input / 1M tokens | Short context output / 1M tokens "
            "| Long context output / 1M tokens |"
        ),
        (
            "| Model | Context | Input (short context) / 1M tokens "
            "| Input (long context) / 1M tokens | Output (short context) / 1M tokens "
            "| Output (long context) / 1M tokens |"
        ),
    ],
)
def test_columns_of_short_and_long_context(header: str) -> None:
    """The text beside the table tells where long context begins."""
    row = "| grok-4.7 | 500k | $2.00 | $4.00 | $6.00 | $12.00 |"
    more = "Prompts that reach 200k tokens cost the price for long context."
    wanted = {key: price for key, price in GROK.items() if "cache" not in key}
    assert cards(page(row, header=header, more=more)) == {"grok-4.7": wanted}
    assert "where long context begins" in refusal(page(row, header=header))


def test_pictures_films_and_voices() -> None:
    """Pictures by the piece, the rest by the second, message or character."""
    found = cards(page(more=IMAGINE + VOICE))
    assert found["grok-imagine-image"] == {"output.image": "0.02"}
    assert found["grok-imagine-video"] == {"output.second": "0.05"}
    assert found["grok-voice-2.0"] == {
        "input.second": "0.001333333",
        "input.message": "0.004",
    }
    assert found["speech-to-text"] == {
        "input.second": "0.000027778",
        "input.second;mode=streaming": "0.000055556",
    }
    assert found["text-to-speech"] == {"input.character": "15"}
    assert facts(page(more=VOICE), "grok-voice-1.0") == {"status": "deprecated"}


def test_minutes_and_hours_must_agree() -> None:
    """`$0.08 / min ($4.90 / hr)` is a slip of one of the two."""
    assert "contradicts itself" in refusal(page(more=VOICE.replace("4.80", "4.90")))


def test_tables_that_price_no_model_are_listed_as_ignored() -> None:
    """Tools, storage and multipliers add no price; a batch discount is a fact."""
    read = xai.parse(page(more=OTHERS))
    assert cards(page(more=OTHERS)) == cards(page())
    assert {name.rpartition(" › ")[2] for name in read.ignored} == {
        "Tool Invocation Costs",
        "Batch API Pricing",
        "Priority Processing Pricing",
        "Files",
    }
    assert facts(page(more=OTHERS), "grok-4.3")["batch_discount_percent"] == "20"
    assert "batch_discount_percent" not in facts(page(more=OTHERS), "grok-4.7")


def test_a_deprecated_model_keeps_its_key() -> None:
    """What follows the name is a fact."""
    body = page(FLAT.replace("grok-4.3", "grok-4.3 — Deprecated"))
    assert list(cards(body)) == ["grok-4.3"]
    assert facts(body, "grok-4.3")["status"] == "deprecated"


def test_words_in_a_price_s_place() -> None:
    """A dash says nothing, words about availability are states, free is zero."""
    body = page("| grok-4.3 | - | Free | Contact sales | $2.50 |", SHORT)
    assert cards(body)["grok-4.3"] == {"input": "0", "output": "2.5"}
    assert facts(body, "grok-4.3") == {"pricing:cache_read": "contact_sales"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page(FLAT.replace("$1.25", "")), "Input / 1M tokens"),
        (page(FLAT.replace("$1.25", "$1.25 / call")), "Input / 1M tokens"),
        (page(FLAT.replace("$1.25", "$1.25 $2.50")), "2 prices"),
        (page(FLAT.replace("1M", "a lot")), "'a lot' is no length"),
        (page(FLAT.replace("grok-4.3", "grok-4.3 (< 200k words)")), "no model's name"),
        (page(header=HEADER.replace("Output / 1M tokens", "Output")), "'output'"),
        (
            page(header=HEADER.replace("Input / 1M", "Input / 1B")),
            "'input / 1b tokens'",
        ),
        (page(more=IMAGINE.replace("/ sec", "/ smile")), "grok-imagine-video"),
        (page(more=VOICE.replace("Text to Speech", "Text to Smell")), "Text to Smell"),
        (page(more=VOICE.replace("1M chars", "1M words")), "text-to-speech"),
        (page(more=table("| Model | Rent |", "| grok-4.7 | $9 |")), "'rent'"),
        (page(header=HEADER.replace("Cached input", "Input")), "two columns"),
    ],
)
def test_what_is_not_understood_fails_the_page(body: bytes, reason: str) -> None:
    """The message names the cell, the column or the table."""
    assert reason in refusal(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", "HTML"),
        (b"# Pricing\n\n- [Models](/models.md)\n", "no table with the column 'Model'"),
        (b'{"data": [{"id": "a/b", "pricing": {}}]}', "no table with the column"),
        (page()[: page().index(b"$12.00")], "cut off in the row"),
        (page("| grok-4.3 | 1M | - | - | - |"), "no price in it"),
    ],
)
def test_what_is_not_this_page_is_refused(body: bytes, reason: str) -> None:
    """Challenges, indexes, other documents and torn ones are told apart."""
    assert reason in refusal(body)


LANGUAGE: dict[str, Any] = {
    "name": "grok-4.7",
    "version": "1.0",
    "inputModalities": ["TEXT", "IMAGE"],
    "promptTextTokenPrice": "20000",
    "promptImageTokenPrice": "20000",
    "promptTextTokenPriceLongContext": "40000",
    "cachedPromptTokenPrice": "5000",
    "cachedPromptTokenPriceLongContext": "10000",
    "completionTextTokenPrice": "60000",
    "completionTokenPriceLongContext": "120000",
    "rpm": "7200",
    "cluster": "us-east-1",
    "maxPromptLength": 500000,
    "aliases": ["grok-latest", "grok-4.7-latest"],
    "features": {"functionCalling": True, "reasoning": True, "other": {"a": 1}},
    "longContextThreshold": "200000",
    "batchDiscountPercent": 20,
    "batchEnabled": True,
    "provisionedThroughput": {"tokensPerInputUnit": "3000"},
}
MEDIA = {
    "imageGenerationModels": [
        {
            "name": "grok-imagine-image",
            "imagePrice": "600000000",
            "resolutionPricing": [
                {
                    "resolution": "IMAGE_RESOLUTION_1K",
                    "pricePerImage": "400000000",
                    "quality": "low",
                },
                {"resolution": "IMAGE_RESOLUTION_1P5K", "pricePerImage": "700000000"},
            ],
            "pricePerInputImage": "20000000",
        },
        {"name": "grok-2-image", "imagePrice": "700000000"},
    ],
    "videoGenerationModels": [
        {
            "name": "grok-imagine-video",
            "resolutionPricing": [
                {"resolution": "VIDEO_RESOLUTION_480P", "pricePerSecond": "500000000"}
            ],
            "pricePerInputVideoSecond": "100000000",
        }
    ],
    "audioModels": [
        {"name": "grok-tts", "endpoints": [{"pricing": {"perCharacter": "150000"}}]},
        {
            "name": "grok-transcribe",
            "endpoints": [
                {
                    "endpoint": "STT",
                    "pricing": {
                        "perAudioSecond": "277778",
                        "perAudioSecondStreaming": "555556",
                    },
                }
            ],
        },
        {
            "name": "grok-voice-2.0",
            "endpoints": [
                {
                    "pricing": {
                        "realtimeAudioTokenPrice": "266667",
                        "realtimeTextInputPrice": "40000000",
                        "pstnMinutePrice": "100000000",
                        "realtimeAudioSecondPrice": "13333333",
                    }
                }
            ],
        },
    ],
}


def html(*clusters: dict[str, Any]) -> bytes:
    """A page of HTML with the catalogue in a script."""
    whole = json.dumps({"clusterConfigs": list(clusters)}, separators=(",", ":"))
    return (
        '<!DOCTYPE html><html><body><script>self.__next_f.push([1,"x"])</script>'
        f"<script>globalThis.__XAI_PUBLIC_MODELS__={whole};</script></body></html>"
    ).encode()


def grok(**changes: Any) -> bytes:
    """The same with one language model, changed."""
    return html({"languageModels": [{**LANGUAGE, **changes}]})


def test_the_catalogue_counts_in_ten_thousandths_of_a_dollar() -> None:
    """20000 is $2.00 per million tokens, as the page in Markdown says."""
    assert cards(grok())["grok-4.7"] == {**GROK, "input.image_token": "2"}
    quote = damage.statements(xai, xai.parse(grok()))["grok-4.7"].quotes["input"]
    assert (quote.raw, quote.field) == ("20000", "promptTextTokenPrice")
    assert cards(grok(promptTextTokenPrice=20000)) == cards(grok())


def test_the_rest_of_the_catalogue_counts_in_ten_billionths() -> None:
    """Pictures, seconds, messages and characters, as the page in Markdown says."""
    assert cards(html(MEDIA)) == {
        "grok-imagine-image": {
            "input.image": "0.002",
            "output.image;quality=low;resolution=1k": "0.04",
            "output.image;resolution=1.5k": "0.07",
        },
        "grok-2-image": {"output.image": "0.07"},
        "grok-imagine-video": {
            "input.video_second": "0.01",
            "output.second;resolution=480p": "0.05",
        },
        "grok-tts": {"input.character": "15"},
        "grok-transcribe": {
            "input.second": "0.000027778",
            "input.second;mode=streaming": "0.000055556",
        },
        "grok-voice-2.0": {"input.second": "0.001333333", "input.message": "0.004"},
    }


def test_facts_of_the_catalogue() -> None:
    """Limits, abilities, aliases and the batch discount are facts."""
    assert facts(grok(), "grok-4.7") == {
        "aliases": "grok-4.7-latest, grok-latest",
        "batch_discount_percent": "20",
        "max_input_tokens": "500000",
        "supports_function_calling": "true",
        "supports_reasoning": "true",
    }
    assert "batch_discount_percent" not in facts(grok(batchEnabled=False), "grok-4.7")


def test_a_zero_that_fills_a_field_states_nothing() -> None:
    """Only input and output can be free."""
    card = cards(grok(promptImageTokenPrice="0", cachedPromptTokenPrice="0"))
    assert "input.image_token" not in card["grok-4.7"]
    assert "cache_read" not in card["grok-4.7"]
    assert cards(grok(promptTextTokenPrice="0"))["grok-4.7"]["input"] == "0"


def test_long_prompts_without_a_threshold_are_held() -> None:
    """From which length on the higher price holds must be told."""
    read = xai.parse(grok(longContextThreshold=None))
    assert read.held_keys == {"grok-4.7": "long_context_without_threshold"}
    same = {name: LANGUAGE[short] for name, short in SAME.items()}
    assert xai.parse(grok(longContextThreshold="0", **same)).held_keys == {}


SAME = {
    "promptTextTokenPriceLongContext": "promptTextTokenPrice",
    "cachedPromptTokenPriceLongContext": "cachedPromptTokenPrice",
    "completionTokenPriceLongContext": "completionTextTokenPrice",
}


def test_clusters_that_agree_are_one_offer() -> None:
    """The same model in another region, at the same price."""
    both = html(*({"languageModels": [LANGUAGE]},) * 2)
    assert cards(both) == cards(grok())
    assert xai.parse(both).held_keys == {}


def test_clusters_that_differ_are_held() -> None:
    """Which of two prices is meant is not guessed."""
    other = {**LANGUAGE, "promptTextTokenPrice": "22000"}
    both = html({"languageModels": [LANGUAGE]}, {"languageModels": [other]})
    assert xai.parse(both).held_keys == {"grok-4.7": "clusters_differ"}


def test_a_model_without_a_price_is_listed_without_one() -> None:
    """An entry that states nothing costs the others nothing."""
    body = html({"languageModels": [LANGUAGE, {"name": "grok-secret"}]})
    assert cards(body)["grok-secret"] == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (grok()[:-60], "is not JSON"),
        (grok() + grok(), "2 times"),
        (b"<script>globalThis.__XAI_PUBLIC_MODELS__=(()=>{})()</script>", "0 times"),
        (b"<script>globalThis.__XAI_PUBLIC_MODELS__={};</script>", "clusterConfigs"),
        (html({"languageModels": ["grok"]}), "no list of objects"),
        (html({"languageModels": [{"version": "1"}]}), "has no name"),
        (html({"smellModels": [LANGUAGE]}), "the list 'smellModels' is not known"),
        (grok(promptTextTokenPrice="2.00"), "'2.00', no price"),
        (grok(promptTextTokenPrice=2.5), "'2.5', no price"),
        (grok(promptTextTokenPrice=True), "no price"),
        (grok(promptTextTokenPrice="-1"), "no price"),
        (grok(priorityTextTokenPrice="40000"), "'priorityTextTokenPrice'"),
        (
            html(
                {"audioModels": [{"name": "a", "endpoints": [{"pricing": {"x": "1"}}]}]}
            ),
            "'x' is not known",
        ),
        (
            html({"audioModels": [{"name": "a", "resolutionPricing": [{"r": "1"}]}]}),
            "'r' is not known",
        ),
        (
            b"<script>__XAI_PUBLIC_MODELS__=" + b'{"a":' * 99999,
            "nested too deeply",
        ),
        (html({"languageModels": [{"name": "grok-secret"}]}), "no price in it"),
    ],
)
def test_a_catalogue_that_is_not_understood_is_refused(
    body: bytes, reason: str
) -> None:
    """It is read as data, never run; what is unknown in it fails the body."""
    assert reason in refusal(body)


def test_a_bundle_of_both_pages() -> None:
    """Page and catalogue say the same of one model, each more of others."""
    parts = [Part("https://x/pricing.md", page()), Part("https://x/models", grok())]
    found = cards(bundle.pack(parts))
    assert found["grok-4.7"] == {**GROK, "input.image_token": "2"}
    assert "grok-4.3" in found
    assert xai.parse(bundle.pack(parts, missing=["https://x/y"])).complete is False


def test_a_bundle_that_contradicts_itself_holds_the_price() -> None:
    """Two prices of one meter are a conflict, not a choice."""
    other = grok(promptTextTokenPrice="30000")
    body = bundle.pack([Part("https://x/a", page()), Part("https://x/b", other)])
    said = damage.statements(xai, xai.parse(body))["grok-4.7"]
    assert [p.reason for p in said.problems] == ["conflict"]
    assert "input" not in said.quotes


def mutations(body: bytes) -> Iterator[bytes]:
    """The page with two names of a header swapped, one gone, and one another."""
    lines = body.decode().split("\n")
    for at in range(len(lines) - 1):
        if lines[at].startswith("|") and lines[at + 1].startswith("| ---"):
            names = lines[at].strip("|").split("|")
            rule = "| --- " * (len(names) - 1) + "|"
            for header, under in changed(names, lines[at + 1], rule):
                yield "\n".join([*lines[:at], header, under, *lines[at + 2 :]]).encode()


def changed(names: list[str], rule: str, shorter: str) -> Iterator[tuple[str, str]]:
    """Every such change of a header, with the line that sets it off."""
    for one, other in itertools.combinations(range(len(names)), 2):
        swapped = [*names]
        swapped[one], swapped[other] = names[other], names[one]
        yield f"|{'|'.join(swapped)}|", rule
    for gone in range(len(names)):
        fewer = f"|{'|'.join([*names[:gone], *names[gone + 1 :]])}|"
        yield fewer, rule
        yield fewer, shorter
        yield f"|{'|'.join([*names[:gone], ' Else ', *names[gone + 1 :]])}|", rule


def check_mutations(body: bytes) -> int:
    """No change of a header makes another price; returns how many were refused."""
    right, refused = cards(body), 0
    for other in mutations(body):
        found = damage.read(xai, other)
        refused += found is None
        assert found in (None, right)
    return refused


def test_no_change_of_a_header_makes_a_wrong_price() -> None:
    """Names of columns swapped, dropped or changed fail the page or change nothing."""
    assert check_mutations(page(more=IMAGINE + VOICE + OTHERS)) > 40


@pytest.mark.parametrize(
    "body", [page(more=IMAGINE + VOICE), grok(), html(MEDIA)], ids=["page", "a", "b"]
)
def test_damaged_bodies_are_read_or_refused(body: bytes) -> None:
    """No damage makes the parser fail in another way, or a price another."""
    right = cards(body)
    for torn in damage.cut(body, 150):
        assert damage.is_part_of(damage.read(xai, torn), right)
    for flipped in damage.flipped(body, 250):
        damage.read(xai, flipped)


def test_the_real_layout(shared) -> None:
    """The captured layout, all its cells as read by eye."""
    body = next((shared / "samples" / "xai").iterdir()).read_bytes()
    assert cards(body) == {"grok-4.7": GROK, "grok-4.6": GROK}
    assert facts(body, "grok-4.6") == {"max_input_tokens": "500000"}
    read = xai.parse(body)
    assert (read.held_keys, read.notes, read.ignored) == ({}, (), ())
    assert check_mutations(body) > 10
    for torn in damage.cut(body, 100):
        assert damage.is_part_of(damage.read(xai, torn), cards(body))
    for flipped in damage.flipped(body, 100):
        damage.read(xai, flipped)


def test_other_providers_pages_are_refused(shared) -> None:
    """No other sample passes for this page."""
    for path in sorted((shared / "samples").rglob("*")):
        if path.is_file() and path.parent.name != "xai":
            with contextlib.suppress(AssertionError):
                refusal(path.read_bytes()[:400_000])
                continue
            pytest.fail(f"{path.name} was read")

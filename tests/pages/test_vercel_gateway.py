"""What is read from the list of Vercel's AI gateway."""

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import vercel_gateway
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Statement

CAPTURED = "samples/vercel-gateway/docs-example__v1-models.json"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
PARTS = JSON | st.lists(
    st.dictionaries(
        st.sampled_from(["cost", "min", "max", "size", "resolution", "audio"]), JSON
    )
)
PRICING = st.dictionaries(
    st.sampled_from(
        [
            *("input", "output", "input_tiers", "image", "web_search", "fast"),
            *("service_tiers", "regional", "peak_pricing", "video_token_pricing"),
            *("image_dimension_quality_pricing", "video_duration_pricing"),
        ]
    ),
    PARTS,
)

STEPS = [{"cost": "0.000002", "max": 200001}, {"cost": "0.000004", "min": 200001}]


def model(key: Any = "acme/one", kind: str = "language", **pricing: Any) -> Any:
    """One model as the list has it."""
    return {"id": key, "object": "model", "type": kind, "pricing": pricing}


def body_of(*models: Any, **top: Any) -> bytes:
    """A list of models as the API sends it."""
    return json.dumps({"object": "list", "data": list(models), **top}).encode()


def said_of(kind: str = "language", **pricing: Any) -> Statement:
    """What a card says of a model of that type."""
    return vercel_gateway.flatten("acme/one", model(kind=kind, **pricing))


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_tokens_are_dollars_a_token() -> None:
    """Texts in dollars per token become exact prices per million."""
    said = said_of(
        input="0.000001",
        output="0.000005",
        input_cache_read="0.0000001",
        input_cache_write="0.00000125",
        input_cache_write_1h="0.000002",
    )
    assert prices(said) == {
        "input": "1",
        "output": "5",
        "cache_read": "0.1",
        "cache_write": "1.25",
        "cache_write;ttl=1h": "2",
    }
    assert said.quotes["input"].raw == "0.000001"
    assert said.quotes["input"].field == "pricing.input"
    assert (said.problems, said.unknown) == ((), 0)


def test_the_offer_is_named_as_in_litellms_map() -> None:
    """`acme/one` of this list is litellm's `vercel_ai_gateway/acme/one`."""
    assert said_of(input="1e-6").offer.text == "vercel_ai_gateway/acme/one"


def test_a_search_is_priced_by_the_thousand() -> None:
    """`web_search` of "10" is ten dollars for a thousand, a cent for one."""
    said = said_of(input="0.000001", web_search="10", maps_search="25")
    assert prices(said)["search.query"] == "0.01"
    assert prices(said)["google_maps_grounding.query"] == "0.025"


@pytest.mark.parametrize("price", ["0.01", "free", ["10"], None])
def test_a_search_of_another_scale_is_not_guessed(price: Any) -> None:
    """Less than a dollar for a thousand searches is no such price."""
    said = said_of(input="0.000001", web_search=price)
    assert "search.query" not in said.quotes


@pytest.mark.parametrize(
    ("least", "most", "above"),
    [
        (200001, 200001, "200k"),
        (272000, 272000, "272k"),
        (200001, 200000, "200k"),
        (131073, 131073, "131072"),
        (131072, 131072, "131072"),
    ],
)
def test_steps_hold_above_a_context(least: int, most: int, above: str) -> None:
    """A step from 200001 tokens on holds above 200000, as does one from 200000 on."""
    steps = [
        {"cost": "0.000002", "min": 0, "max": most},
        {"cost": "0.000004", "min": least},
    ]
    said = said_of(input="0.000002", input_tiers=steps, input_cache_read_tiers=steps)
    assert prices(said) == {
        "input": "2",
        f"input@>{above}": "4",
        "cache_read": "2",
        f"cache_read@>{above}": "4",
    }
    assert said.quotes[f"input@>{above}"].field == "pricing.input_tiers.1.cost"


def test_the_first_step_may_be_left_out() -> None:
    """A list of steps may begin above the plain price, or not say where it begins."""
    late = [{"cost": "0.000004", "min": 200001}]
    assert prices(said_of(input="0.000002", input_tiers=late)) == {
        "input": "2",
        "input@>200k": "4",
    }
    assert prices(said_of(input_tiers=STEPS)) == {"input": "2", "input@>200k": "4"}


def test_a_first_step_that_is_not_the_plain_price_is_held() -> None:
    """Which of the two a short prompt costs cannot be told."""
    said = said_of(input="0.000003", input_tiers=STEPS)
    assert [(p.reason, p.meter and p.meter.key) for p in said.problems] == [
        ("conflict", "input")
    ]
    assert prices(said) == {"input@>200k": "4"}


@pytest.mark.parametrize(
    "steps",
    [
        "0.1",
        [{"cost": "0.000002", "min": 0}, {"cost": "0.000004", "min": 200001}],
        [{"cost": "0.000002", "max": 200001}, {"cost": "0.000004", "min": 100000}],
        [{"cost": "0.000002", "max": 200001}, {"cost": "0.000004", "min": 300000}],
        [{"cost": "0.000002", "max": 200001}, {"cost": "0.000004"}],
        [{"cost": "0.000002", "min": 5, "max": 5}],
        [{"cost": "0.000002", "min": "0"}],
        [{"cost": "0.000002", "min": True}],
        [{"cost": "0.000002", "min": -1}],
        [{"cost": ["0.000002"]}],
        [{"cost": "0.000002", "hours": 8}],
        [{"price": "0.000002"}],
        ["0.000002"],
    ],
)
def test_steps_that_do_not_fit_are_not_guessed(steps: Any) -> None:
    """Gaps, overlaps and unknown conditions make all of a list's steps unknown."""
    said = said_of(input="0.000001", input_tiers=steps)
    billed = {key for key, q in said.quotes.items() if q.meter.component != "unknown"}
    assert billed == {"input"}
    assert said.unknown >= 1


def test_other_service_tiers_have_their_own_prices() -> None:
    """`fast` and every name in `service_tiers` is a tier, also for long contexts."""
    said = said_of(
        input="0.000002",
        fast={"input": "0.00001", "output": "0.00005"},
        service_tiers={
            "priority": {
                "input": "0.0000036",
                "input_cache_read": "0.00000036",
                "long_context": {"threshold": 200000, "input": "0.0000072"},
            },
            "Very-Slow": {"output": "0.000001"},
        },
    )
    assert prices(said) == {
        "input": "2",
        "input+fast": "10",
        "output+fast": "50",
        "input+priority": "3.6",
        "cache_read+priority": "0.36",
        "input+priority@>200k": "7.2",
        "output+very_slow": "1",
    }
    assert said.unknown == 0


@pytest.mark.parametrize(
    "tiers",
    [
        {"flex": "0.1"},
        {"f/x": {"input": "0.1"}},
        {"flex": {"long_context": {"input": "0.1"}}},
        {"flex": {"long_context": {"threshold": "200k", "input": "0.1"}}},
        {"flex": {"video": "0.1"}},
        ["0.1"],
    ],
)
def test_a_service_tier_of_an_unknown_shape_is_counted(tiers: Any) -> None:
    """What cannot be read is kept under its own name and on no tier's meter."""
    said = said_of(input="0.000002", service_tiers=tiers)
    assert {q.meter.component for q in said.quotes.values()} == {"input", "unknown"}
    assert {q.meter.tier for q in said.quotes.values()} == {"standard"}
    assert said.unknown == 1


def test_a_region_is_an_offer_of_its_own() -> None:
    """A card for a region is sold there, and the plain one elsewhere."""
    card = {"input": "0.0000011", "input_tiers": STEPS[1:], "fast": {"output": "1e-5"}}
    body = body_of(model(input="0.000001", regional={"us": card, "eu": card}))
    entries = vercel_gateway.parse(body).entries
    assert set(entries) == {"acme/one", "acme/one@us", "acme/one@eu"}
    said = {key: vercel_gateway.flatten(key, entry) for key, entry in entries.items()}
    assert said["acme/one@eu"].offer.text == "vercel_ai_gateway/acme/one@eu"
    assert prices(said["acme/one@eu"]) == {
        "input": "1.1",
        "input@>200k": "4",
        "output+fast": "10",
    }
    assert prices(said["acme/one"]) == {"input": "1"}
    assert sum(one.unknown for one in said.values()) == 0


@pytest.mark.parametrize("regional", [["eu"], {"eu": "0.1"}, {"": {"input": "0.1"}}])
def test_regions_of_an_unknown_shape_are_no_offers(regional: Any) -> None:
    """What is no card by region makes no offer and is not lost."""
    body = body_of(model(input="0.000001", regional=regional))
    entries = vercel_gateway.parse(body).entries
    said = vercel_gateway.flatten("acme/one", entries["acme/one"])
    assert set(entries) == {"acme/one"}
    kept = {*said.quotes, *said.facts}
    assert any("pricing.regional" in name for name in kept)


def test_pictures_are_priced_by_what_they_are() -> None:
    """Sizes, qualities, styles and operations qualify the price of a picture."""
    said = said_of(
        "image",
        image="0.04",
        image_dimension_quality_pricing=[
            {"size": "default", "cost": "0.04"},
            {"size": "2K", "quality": "High", "cost": "0.13"},
            {"size": "1024x1024", "cost": "0.05"},
            {"size": "512", "cost": "0.02"},
            {"style": "vector_illustration", "cost": "0.08"},
            {"operation": "vectorize", "cost": "0.15"},
        ],
    )
    assert prices(said) == {
        "output.image": "0.04",
        "output.image;quality=high;resolution=2k": "0.13",
        "output.image;size=1024x1024": "0.05",
        "output.image;resolution=512": "0.02",
        "output.image;style=vector_illustration": "0.08",
        "output.image;operation=vectorize": "0.15",
    }
    assert said.unknown == 0


def test_an_image_model_by_the_token_gives_image_tokens() -> None:
    """What gpt-image-1 puts out are tokens of images, what goes in are plain ones."""
    said = said_of("image", input="0.000005", output="0.00004")
    assert prices(said) == {"input": "5", "output.image_token": "40"}


def test_a_token_price_beside_a_picture_price_is_not_believed() -> None:
    """A model sold by the picture has no price of a token."""
    said = said_of("image", image="0.035", input="0.000000003")
    assert prices(said)["output.image"] == "0.035"
    assert {q.meter.component for q in said.quotes.values()} == {"output", "unknown"}
    assert said.unknown == 1


def test_a_picture_price_of_another_model_is_not_guessed() -> None:
    """Whether a language model takes or makes the picture is not said."""
    said = said_of(input="0.000001", image="0.04")
    assert set(prices(said)) == {"input", "unknown.unknown;field=pricing.image"}


def test_films_are_priced_by_the_second() -> None:
    """Resolution, sound and mode qualify the price of a second."""
    said = said_of(
        "video",
        video_duration_pricing=[
            {"resolution": "720p", "audio": False, "cost_per_second": "0.2"},
            {"resolution": "4K", "audio": True, "cost_per_second": "0.6"},
            {"mode": "pro", "voice_control": True, "cost_per_second": "0.112"},
            {"resolution": "480p", "hdr": True, "cost_per_second": "9"},
        ],
    )
    assert prices(said) == {
        "output.second;audio=false;resolution=720p": "0.2",
        "output.second;audio=true;resolution=4k": "0.6",
        "output.second;mode=pro;voice_control=true": "0.112",
        "unknown.unknown;field=pricing.video_duration_pricing.3.cost_per_second": "9",
    }


def test_films_may_be_priced_by_the_token() -> None:
    """Dollars per million tokens, with and without a film to begin with."""
    pair = {
        "no_video_input": {"cost_per_million_tokens": "7"},
        "with_video_input": {"cost_per_million_tokens": "4.3"},
    }
    plain_pair = said_of("video", video_token_pricing={**pair, "notes": "Pricing ..."})
    assert prices(plain_pair) == {
        "output.video_token;video_input=false": "7",
        "output.video_token;video_input=true": "4.3",
    }
    tiers = {"tiers": [{"resolution": "720p", **pair}], "notes": "..."}
    assert prices(said_of("video", video_token_pricing=tiers)) == {
        "output.video_token;resolution=720p;video_input=false": "7",
        "output.video_token;resolution=720p;video_input=true": "4.3",
    }
    odd = {**pair, "with_audio_input": {"cost_per_million_tokens": "9"}}
    assert said_of("video", video_token_pricing=odd).unknown == 3


def test_speech_and_hearing_have_units_of_their_own() -> None:
    """Characters, seconds, messages and audio tokens are not tokens of text."""
    spoken = said_of("speech", input="0.000015", speech_input_character_cost="0.000015")
    assert prices(spoken) == {"input.character": "15"}
    assert spoken.facts["pricing.input"] == "0.000015"
    heard = said_of(
        "transcription",
        input="0.0000000001",
        transcription_duration_cost_per_second="0.0001",
    )
    assert prices(heard) == {"input.second": "0.0001"}
    live = said_of(
        "realtime",
        input="0.000004",
        output="0.000024",
        audio_input_token_cost="0.000032",  # noqa: S106
        audio_output_token_cost="0.000064",  # noqa: S106
        realtime_client_message_cost="0.004",
        realtime_session_duration_cost_per_second="0.001334",
    )
    assert prices(live) == {
        "input": "4",
        "output": "24",
        "input.audio_token": "32",
        "output.audio_token": "64",
        "input.message": "0.004",
        "session.second": "0.001334",
    }


@pytest.mark.parametrize(
    ("kind", "free"),
    [
        ("language", {"input", "output"}),
        ("realtime", {"input", "output"}),
        ("embedding", {"input"}),
        ("reranking", {"input"}),
        ("image", set()),
        ("video", set()),
        ("new", set()),
    ],
)
def test_a_zero_is_free_only_where_there_is_something_to_sell(
    kind: str, free: set[str]
) -> None:
    """A zero on what a type of model does not have, or on other keys, is a filler."""
    said = said_of(
        kind,
        input="0",
        output="0",
        input_cache_read="0",
        input_cache_write="0.0",
        web_search="0",
        audio_input_token_cost="0",  # noqa: S106
        output_tiers=[{"cost": "0", "min": 200001}] if kind == "image" else [],
        image_dimension_quality_pricing=[{"size": "1K", "cost": "0"}],
    )
    assert set(prices(said)) == free
    assert (said.problems, said.unknown) == ((), 0)


def test_peak_hours_are_told_and_not_multiplied() -> None:
    """The stated price stays; by how much it is dearer at which hours is a fact."""
    said = said_of(
        input="0.00000015",
        peak_pricing={"multiplier": 2, "windows": [{"start": "01:00"}]},
        varies_by_provider=True,
    )
    assert prices(said) == {"input": "0.15"}
    assert said.facts["pricing.peak_pricing.multiplier"] == "2"
    assert said.facts["pricing.peak_pricing.windows.0.start"] == "01:00"
    assert said.facts["pricing.varies_by_provider"] == "true"
    assert said.unknown == 0


def test_an_unknown_key_is_kept_and_counted() -> None:
    """A price under a name not met before is on an unknown meter."""
    said = said_of(input="0.000001", holograms="0.2", nested={"a": ["0.3"]})
    assert said.unknown == 2
    assert prices(said)["unknown.unknown;field=pricing.holograms"] == "0.2"


def test_a_price_that_depends_is_dynamic() -> None:
    """`-1` is a state of its own, as in OpenRouter's cards."""
    said = said_of(input="-1", output="0.000001")
    assert prices(said) == {"output": "1"}
    assert said.facts["pricing:input"] == "dynamic"


def test_a_model_without_prices_is_listed_all_the_same() -> None:
    """An empty card says nothing, and is no problem."""
    sonar = {**model("perplexity/sonar"), "pricing": {}}
    body = body_of(model(input="0.000001"), sonar, {"id": "a/b", "type": "speech"})
    for key in ("perplexity/sonar", "a/b"):
        entry = vercel_gateway.parse(body).entries[key]
        said = vercel_gateway.flatten(key, entry)
        assert (said.quotes, said.problems, said.unknown) == ({}, (), 0)


def test_what_matters_of_the_rest_is_facts() -> None:
    """Limits, mode, abilities and the end are facts; prose and unknown limits not."""
    entry = {
        **model(input="0.000001"),
        "name": "One",
        "description": "Very quick.",
        "context_window": 200000,
        "max_tokens": 0,
        "knowledge": "2025-02-28",
        "tags": ["tool-use", "implicit-caching", "new"],
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "deprecated_at": 1782000000000,
    }
    assert vercel_gateway.flatten("acme/one", entry).facts == {
        "name": "One",
        "max_input_tokens": "200000",
        "knowledge": "2025-02-28",
        "mode": "chat",
        "supports_function_calling": "true",
        "supports_prompt_caching": "true",
        "supported_modalities": '["image","text"]',
        "supported_output_modalities": '["text"]',
        "deprecation_date": "2026-06-21",
    }


def test_models_that_occur_twice_and_differ_are_held() -> None:
    """Equal repetitions are only noted."""
    read = vercel_gateway.parse(body_of(model(input="0.1"), model(input="0.2")))
    assert read.held_keys == {"acme/one": "duplicate_key"}
    same = vercel_gateway.parse(body_of(model(input="0.1"), model(input="0.1")))
    assert (same.held_keys, len(same.notes)) == ({}, 1)


def test_a_part_of_a_list_is_not_complete() -> None:
    """A list that says that it goes on proves nothing by its silence."""
    assert vercel_gateway.parse(body_of(model(input="0.1"))).complete
    part = body_of(model(input="0.1"), total_count=300)
    assert not vercel_gateway.parse(part).complete


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b'{"data": []}',
        b'{"error": {"message": "Unauthorized"}}',
        body_of(model(prompt="0.000001", completion="0.000002")),
        body_of({"id": "a/b", "providers": [{"pricing": {"input": 1}}]}),
        body_of(model()),
        body_of(model(input_usd="0.000001", output_usd="0.000002")),
        body_of(model(input="0.000001"))[:-10],
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is not Vercel's list of prices is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        vercel_gateway.parse(body)
    assert str(told.value).startswith("vercel models: ")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        vercel_gateway.parse(body)


@given(PRICING, JSON | st.sampled_from(["language", "image"]), JSON)
def test_any_entry_is_read(pricing: Any, kind: Any, rest: Any) -> None:
    """No value makes an entry fail; what it states has meters that can be stored."""
    entry = {"id": "a/b", "type": kind, "pricing": pricing, "tags": rest}
    body = json.dumps({"data": [entry, {**entry, "id": "c", "deprecated_at": rest}]})
    with contextlib.suppress(UnreadableBody):
        for key, one in vercel_gateway.parse(body.encode()).entries.items():
            said = vercel_gateway.flatten(key, one)
            assert all(k == quote.meter.key for k, quote in said.quotes.items())


def test_a_deeply_nested_card_is_read() -> None:
    """Nesting without reason costs one entry, not the body, and is cut off."""
    deep: Any = "0.1"
    for _ in range(900):
        deep = [deep]
    names = ("input", "input_tiers", "fast", "peak_pricing", "video_token_pricing")
    said = said_of(**dict.fromkeys(names, deep), new=["0.1"] * 5000)
    assert said.unknown == 1000 + len(names) - 1


def test_the_captured_body(shared) -> None:
    """The example of the documentation is read as it stands there."""
    read = vercel_gateway.parse((shared / CAPTURED).read_bytes())
    key = "google/gemini-3-pro"
    said = vercel_gateway.flatten(key, read.entries[key])
    assert set(read.entries) == {key}
    assert prices(said) == {
        "input": "2",
        "input@>200k": "4",
        "output": "12",
        "output@>200k": "18",
        "cache_read": "0.2",
        "cache_read@>200k": "0.4",
        "cache_write": "2",
        "cache_write@>200k": "4",
    }
    assert (said.problems, said.unknown) == ((), 0)
    assert said.facts["max_output_tokens"] == "64000"


def test_a_damaged_capture_is_read_or_refused(shared) -> None:
    """Cut off or with bytes flipped it gives a document or a reason."""
    body = (shared / CAPTURED).read_bytes().strip()
    chance = random.Random(1)  # noqa: S311
    for at in range(0, len(body), 31):
        with pytest.raises(UnreadableBody):
            vercel_gateway.parse(body[:at])
    for _ in range(500):
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] = chance.randrange(256)
        with contextlib.suppress(UnreadableBody):
            read = vercel_gateway.parse(bytes(damaged))
            for key, entry in read.entries.items():
                vercel_gateway.flatten(key, entry)

"""The grammar of price field names."""

import pytest

from crawler.pages import litellm
from tracker.domain.fields import looks_like_price, read_field
from tracker.domain.money import plain

CONTAINERS = {
    "tiered_pricing",
    "off_peak_pricing",
    "search_context_cost_per_query",
}
"""Names that hold price fields instead of being one."""

READ = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cost_per_second": "input.second",
    "input_cost_per_second": "input.second",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write;ttl=1h",
    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": (
        "cache_write@>200k;ttl=1h"
    ),
    "cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex": (
        "cache_write+flex@>272k;ttl=12h"
    ),
    "cache_read_input_audio_token_cost": "cache_read.audio_token",
    "cache_read_input_image_token_cost": "cache_read.image_token",
    "cache_read_input_token_cost_per_audio_token": "cache_read.audio_token",
    "input_cost_per_token_cache_hit": "cache_read",
    "explicit_cache_read_input_token_cost": "cache_read;cache=explicit",
    "input_cost_per_audio_token": "input.audio_token",
    "input_cost_per_image_token": "input.image_token",
    "input_cost_per_video_token": "input.video_token",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_character_above_128k_tokens": "input.character@>128k",
    "input_cost_per_pixel": "input.pixel",
    "input_cost_per_image": "input.image",
    "input_cost_per_query": "input.query",
    "input_cost_per_request": "input.request",
    "input_cost_per_text_message": "input.message",
    "input_cost_per_audio_per_second": "input.audio_second",
    "input_cost_per_video_per_second_above_15s_interval": (
        "input.video_second;interval_above=15s"
    ),
    "input_cost_per_token_batches": "input+batch",
    "input_cost_per_token_batch_requests": "input+batch",
    "input_cost_per_token_flex": "input+flex",
    "input_cost_per_token_priority": "input+priority",
    "input_cost_per_token_above_272k_tokens_priority": "input+priority@>272k",
    "input_cost_per_token_above_200k_tokens_batches": "input+batch@>200k",
    "output_cost_per_second_1080p": "output.second;resolution=1080p",
    "output_cost_per_second_4k": "output.second;resolution=4k",
    "output_cost_per_image_0.5K": "output.image;resolution=0.5k",
    "output_cost_per_image_1024": "output.image;resolution=1024",
    "output_cost_per_image_premium_image": "output.image;quality=premium",
    "output_cost_per_image_above_512_and_512_pixels_and_premium_image": (
        "output.image;quality=premium;size_above=512x512"
    ),
    "annotation_cost_per_page": "annotation.page",
    "citation_cost_per_token": "citation",
    "ocr_cost_per_page": "ocr.page",
    "ocr_cost_per_credit": "ocr.credit",
    "code_interpreter_cost_per_session": "code_interpreter.session",
    "google_maps_grounding_cost_per_query": "google_maps_grounding.query",
    "search_context_cost_per_query": "search.query",
    "guardrail_cost_per_unit": "guardrail.unit",
    "vector_store_cost_per_gb_per_day": "vector_store.gb_day",
    "file_search_cost_per_gb_per_day": "file_search.gb_day",
    "file_search_cost_per_1k_calls": "file_search.call",
    "computer_use_input_cost_per_1k_tokens": "input;tool=computer_use",
    "computer_use_output_cost_per_1k_tokens": "output;tool=computer_use",
    "input_dbu_cost_per_token": "input;billed_in=dbu",
    "output_db_cost_per_token": "output;billed_in=dbu",
}


@pytest.mark.parametrize("name", READ)
def test_a_name_says_what_is_billed(name):
    """Each known kind of name reads to the meter that it means."""
    read = read_field(name)
    assert read is not None
    assert read.meter.key == READ[name]
    assert read.base == ""


@pytest.mark.parametrize(
    ("name", "key", "base"),
    [
        ("input_cost_per_token_ultrafast", "input+ultrafast", "input_cost_per_token"),
        (
            "output_cost_per_token_above_272k_tokens_decisions",
            "output+decisions@>272k",
            "output_cost_per_token_above_272k_tokens",
        ),
        (
            "cache_read_input_token_cost_balanced",
            "cache_read+balanced",
            "cache_read_input_token_cost",
        ),
    ],
)
def test_a_new_word_is_a_tier_of_the_field_without_it(name, key, base):
    """A word never met before is a service tier, and names the field it needs."""
    read = read_field(name)
    assert read is not None
    assert (read.meter.key, read.base) == (key, base)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "cost",
        "input_cost",
        "max_tokens",
        "input_cost_per_furlong",
        "outputs_cost_per_token",
        "xinput_cost_per_token",
        "Input_cost_per_token",
        "input_cost_per_tokenish",
        "input_cost_per_token_",
        "input_cost_per_token__flex",
        "input_cost_per_token_above_200k",
        "input_cost_per_token_above_200k_tokens_above_300k_tokens",
        "input_cost_per_token_above_1hr_above_2hr",
        "input_cost_per_token_priority_flex",
        "input_cost_per_token_priority_ultrafast",
        "input_cost_per_token_ultrafast_priority",
        "output_cost_per_token_cache_hit",
        "input_audio_token_cost_per_second",
        "cost_per_token_per_second",
        "off_peak_pricing",
    ],
    ids=repr,
)
def test_what_the_grammar_does_not_cover_is_not_guessed(name):
    """A name that is not wholly understood is not read at all."""
    assert read_field(name) is None


@pytest.mark.parametrize(
    ("name", "per"),
    [
        ("input_cost_per_token", 1),
        ("file_search_cost_per_1k_calls", 1000),
        ("computer_use_input_cost_per_1k_tokens", 1000),
        ("input_cost_per_1000_tokens", 1000),
        ("input_cost_per_10_pages", 10),
    ],
)
def test_a_name_says_for_how_many(name, per):
    """A price for a thousand is read as one."""
    read = read_field(name)
    assert read is not None
    assert read.per == per


def test_a_price_for_a_thousand_is_scaled():
    """Two dollars per thousand tokens are two thousand per million."""
    said = litellm.flatten("x", {"input_cost_per_1k_tokens": 2, "cost_per_call": 3})
    prices = {key: plain(quote.price_nano) for key, quote in said.quotes.items()}
    assert prices == {"input": "2000", "input.call": "3"}


def test_databricks_units_are_no_dollars():
    """A price in DBU has that currency and a meter of its own."""
    read = read_field("input_dbu_cost_per_token")
    dollars = read_field("input_cost_per_token")
    assert read is not None
    assert dollars is not None
    assert (read.currency, dollars.currency) == ("DBU", "USD")
    assert read.meter != dollars.meter


@pytest.mark.parametrize(
    ("name", "money"),
    [
        ("input_cost_per_token", True),
        ("off_peak_pricing", True),
        ("Price", True),
        ("costs", True),
        ("max_tokens", False),
        ("costly", False),
        ("supports_low_costing", False),
        ("", False),
    ],
    ids=repr,
)
def test_what_is_about_money(name, money):
    """A field is about money if one of its words says so."""
    assert looks_like_price(name) is money


def test_every_real_name_is_read(real_entries):
    """Each price field that any weekly map ever had reads to a meter."""
    names = {n for _, entry in real_entries for n in entry if looks_like_price(n)}
    unread = {n for n in names - CONTAINERS if read_field(n) is None}
    assert len(names) > 100
    assert unread == set()


def test_every_name_of_the_newest_map_finds_its_base(newest_map):
    """In the newest map each new tier word stands beside the field without it."""
    alone = [
        (key, name)
        for key, entry in newest_map.items()
        for name in entry
        if (read := read_field(name)) and read.base and read.base not in entry
    ]
    assert len(newest_map) > 50
    assert alone == []


@pytest.mark.parametrize(
    "name",
    [
        "input_cost_per_0_tokens",
        "input_cost_per_0k_tokens",
        "input_cost_per_" + "9" * 5000 + "_tokens",
        "input_cost_per_token_above_" + "9" * 5000 + "_tokens",
        "input_cost_per_token_above_" + "9" * 30 + "_tokens",
    ],
    ids=lambda name: f"{name[:30]}-{len(name)}",
)
def test_numbers_beyond_reason_make_a_name_unreadable(name):
    """A name with an absurd number is kept as unknown; nothing fails over it."""
    said = litellm.flatten("x", {name: 1})
    assert [q.meter.unit for q in said.quotes.values()] == ["unknown"]

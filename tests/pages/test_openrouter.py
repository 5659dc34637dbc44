"""What is read from OpenRouter's list of models."""

import contextlib
import json
import lzma
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import openrouter
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import NotAPrice, as_decimal, plain
from tracker.domain.quotes import Statement

SHARED = Path(
    os.environ.get("PRICETRAIL_SHARED", Path(__file__).parents[2].parent / "shared")
)
SERIES = SHARED / "data" / "openrouter"
NEWEST = SHARED / "samples" / "openrouter" / "2026-08-16__api-v1-models.json"
real_series = pytest.mark.skipif(
    not SERIES.is_dir(), reason=f"no real bodies of openrouter in {SERIES}"
)
real_newest = pytest.mark.skipif(
    not NEWEST.is_file(), reason=f"no newest real body of openrouter at {NEWEST}"
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
PRICING = st.dictionaries(
    st.sampled_from(["prompt", "completion", "image", "overrides", "discount", "new"]),
    JSON
    | st.lists(
        st.dictionaries(
            st.sampled_from(["min_prompt_tokens", "utc_start", "utc_end", "prompt"]),
            JSON | st.integers(-1, 2500),
        )
    ),
)


def body_of(*models: Any, **top: Any) -> bytes:
    """A list of models as the API sends it."""
    return json.dumps({"data": list(models), **top}).encode()


def priced(**pricing: Any) -> Statement:
    """One model with these prices."""
    return openrouter.flatten("acme/one", {"id": "acme/one", "pricing": pricing})


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_every_price_key_has_its_meter() -> None:
    """Each key of a price card is one meter, per million tokens or per one thing."""
    said = priced(
        prompt="0.000001",
        completion="0.000004",
        request="0.005",
        image="0.000001",
        image_output="0.00003",
        web_search="0.01",
        internal_reasoning="0.000005",
        input_cache_read="0.0000001",
        input_cache_write="0.00000125",
        input_cache_write_1h="0.000002",
        audio="0.000003",
        audio_output="0.000006",
        input_audio_cache="0.0000003",
    )
    assert prices(said) == {
        "input": "1",
        "output": "4",
        "input.request": "0.005",
        "input.image_token": "1",
        "output.image_token": "30",
        "search.query": "0.01",
        "reasoning": "5",
        "cache_read": "0.1",
        "cache_write": "1.25",
        "cache_write;ttl=1h": "2",
        "input.audio_token": "3",
        "output.audio_token": "6",
        "cache_read.audio_token": "0.3",
    }
    assert (said.unknown, said.problems) == (0, ())
    assert said.quotes["input"].raw == "0.000001"
    assert said.quotes["input"].field == "pricing.prompt"


def test_the_offer_is_the_model_at_openrouter() -> None:
    """Variants and aliases are offers of their own, under their own id."""
    for key in ("acme/one", "acme/one:free", "~acme/one-latest"):
        offer = openrouter.flatten(key, {"pricing": {}}).offer
        assert (offer.provider, offer.model, offer.region) == ("openrouter", key, "")


@pytest.mark.parametrize(
    ("image", "prompt", "meter"),
    [
        ("0.0000001", "0.0000001", "input.image_token"),
        ("0.0000002", "0.0000001", "input.image_token"),
        ("0.00001", "0.00001", "input.image_token"),
        ("0.0000258", "0.0000001", "input.image"),
        ("0.003613", "0.0000025", "input.image"),
        ("0.04", "0", "input.image"),
    ],
)
def test_an_image_price_is_per_token_if_it_is_near_the_prompt_price(
    image: str, prompt: str, meter: str
) -> None:
    """`image` is a token's price where it is like `prompt`, else a whole image's."""
    said = priced(prompt=prompt, completion="0", image=image)
    assert meter in said.quotes
    assert len(said.quotes) == 3


def test_an_image_that_becomes_per_token_is_not_a_price_cut() -> None:
    """The switch from images to tokens ends one rate and starts another."""
    before = priced(prompt="0.0000001", image="0.0000258")
    after = priced(prompt="0.0000001", image="0.0000001")
    assert before.quotes.keys() & after.quotes.keys() == {"input"}


def test_zero_is_free_for_tokens_in_and_out() -> None:
    """A free model costs zero, which is a price."""
    assert prices(priced(prompt="0", completion="0")) == {"input": "0", "output": "0"}


def test_a_zero_that_fills_a_card_states_nothing() -> None:
    """Zeros on the other keys are fillers: with and without them a card is equal."""
    filled = priced(
        prompt="0.000001",
        completion="0.000002",
        request="0",
        image="0",
        audio="0",
        web_search="0",
        internal_reasoning="0",
        input_cache_read="0",
        input_cache_write="0.0",
    )
    bare = priced(prompt="0.000001", completion="0.000002")
    assert filled == bare


def test_a_router_has_no_price_and_no_problem() -> None:
    """`-1` is a state of its own: a fact, neither a rate nor something held."""
    said = priced(prompt="-1", completion="-1", request="-1", image="-1")
    assert said.quotes == {}
    assert said.problems == ()
    assert said.facts == {
        "pricing:input": "dynamic",
        "pricing:output": "dynamic",
        "pricing:input.request": "dynamic",
        "pricing:input.image": "dynamic",
    }


def test_any_other_negative_number_is_held() -> None:
    """Only `-1` is a router; another negative number is a mistake."""
    assert [p.reason for p in priced(prompt="-0.000001").problems] == ["negative"]


def test_absent_and_null_are_no_rate() -> None:
    """What is not stated is not there."""
    assert prices(priced(prompt="0.000001", completion=None)) == {"input": "1"}


def test_an_unknown_key_is_kept_and_counted() -> None:
    """A price under a name not met before is a row on an unknown meter."""
    said = priced(prompt="0.000001", video="0.0002", deep={"a": ["0.3"], "b": "x"})
    assert said.unknown == 2
    assert prices(said)["unknown.unknown;field=pricing.video"] == "0.0002"
    assert prices(said)["unknown.unknown;field=pricing.deep.a.0"] == "0.3"
    assert said.facts["pricing.deep.b"] == "x"


def test_long_prompts_have_their_own_rates() -> None:
    """An override from a prompt length on is the same meters above that context."""
    said = priced(
        prompt="0.000001",
        overrides=[
            {
                "min_prompt_tokens": 200000,
                "prompt": "0.000002",
                "input_cache_write_1h": "0.000004",
            },
            {"min_prompt_tokens": 1000000, "prompt": "0", "audio": "0.00001"},
        ],
    )
    assert prices(said) == {
        "input": "1",
        "input@>200k": "2",
        "cache_write@>200k;ttl=1h": "4",
        "input@>1m": "0",
        "input.audio_token@>1m": "10",
    }
    assert said.quotes["input@>200k"].field == "pricing.overrides.0.prompt"


def test_hours_of_the_day_have_their_own_rates() -> None:
    """An override within hours is the same meters in that window, past midnight too."""
    said = priced(
        prompt="0.000001",
        overrides=[
            {"utc_start": 800, "utc_end": 1600, "prompt": "0.000002"},
            {"utc_start": 1600, "utc_end": 30, "prompt": "0.000001"},
        ],
    )
    assert prices(said) == {
        "input": "1",
        "input;window=0800-1600": "2",
        "input;window=1600-0030": "1",
    }


@pytest.mark.parametrize(
    "step",
    [
        {"max_users": 5, "prompt": "0.5"},
        {"min_prompt_tokens": 1000, "max_users": 5, "prompt": "0.5"},
        {"min_prompt_tokens": "1000", "prompt": "0.5"},
        {"utc_start": 800, "prompt": "0.5"},
        {"utc_start": 800, "utc_end": "late", "prompt": "0.5"},
        {"prompt": "0.5"},
    ],
)
def test_an_override_of_an_unknown_shape_is_counted(step: dict[str, Any]) -> None:
    """A condition that cannot be read makes its prices unknown, not believed."""
    said = priced(prompt="0.000001", overrides=[step])
    assert prices(said)["input"] == "1"
    assert "unknown.unknown;field=pricing.overrides.0.prompt" in said.quotes
    assert {q.meter.component for q in said.quotes.values()} == {"input", "unknown"}
    assert said.unknown >= 1


def test_an_unknown_price_in_an_override_costs_only_itself() -> None:
    """A new price key beside a known condition leaves the others readable."""
    step = {"min_prompt_tokens": 1000, "prompt": "0.000002", "video": "0.1"}
    said = priced(overrides=[step])
    assert prices(said)["input@>1k"] == "2"
    assert said.unknown == 1


def test_what_matters_of_the_rest_is_facts() -> None:
    """Limits, abilities, names and the end date are facts; prose and dates are not."""
    entry = {
        "id": "acme/one",
        "canonical_slug": "acme/one-20260101",
        "name": "Acme: One",
        "hugging_face_id": "",
        "description": "A model.",
        "created": 1767225600,
        "context_length": 1000,
        "architecture": {"input_modalities": ["text", "image"]},
        "top_provider": {"max_completion_tokens": 100},
        "supported_parameters": ["tools", "structured_outputs", "seed"],
        "expiration_date": "2026-12-31",
        "alias_target": {"name": "Acme: Two", "slug": "acme/two"},
        "pricing": {"discount": 0.5},
    }
    assert openrouter.flatten("acme/one", entry).facts == {
        "discount": "0.5",
        "name": "Acme: One",
        "canonical_slug": "acme/one-20260101",
        "max_input_tokens": "1000",
        "max_output_tokens": "100",
        "alias_target": "acme/two",
        "deprecation_date": "2026-12-31",
        "supported_modalities": '["image","text"]',
        "supports_function_calling": "true",
        "supports_response_schema": "true",
    }


def test_the_date_that_stands_for_never_is_no_end() -> None:
    """A far date that the source writes for `never` is not a deprecation."""
    assert openrouter.flatten("a/b", {"expiration_date": "2098-12-31"}).facts == {}


def test_a_captured_envelope_is_opened() -> None:
    """A body that a capturer wrapped with its address is read like the body."""
    model = {"id": "acme/one", "pricing": {"prompt": "0.1"}}
    wrapped = json.dumps({"url": "https://x", "body": {"data": [model]}}).encode()
    assert openrouter.parse(wrapped) == openrouter.parse(body_of(model))


def test_an_id_that_contradicts_itself_is_held() -> None:
    """Twice the same is harmless; twice with different content holds the key."""
    one = {"id": "acme/one", "pricing": {"prompt": "0.1"}}
    two = {"id": "acme/two", "pricing": {"prompt": "0.1"}}
    other = {"id": "acme/two", "pricing": {"prompt": "0.2"}}
    read = openrouter.parse(body_of(one, two, one, other, two))
    assert read.held_keys == {"acme/two": "duplicate_key"}
    assert len(read.notes) == 2
    assert set(read.entries) == {"acme/one", "acme/two"}


@pytest.mark.parametrize(
    ("top", "notes"),
    [
        ({}, 0),
        ({"total_count": 1}, 0),
        ({"links": {"next": None}}, 0),
        ({"total_count": 2}, 1),
        ({"links": {"next": "/2"}}, 1),
        ({"total_count": 2, "links": {"next": "/2"}}, 2),
    ],
)
def test_a_list_that_goes_on_elsewhere_is_not_complete(
    top: dict[str, Any], notes: int
) -> None:
    """A page of a longer list says so, since its silence about a model is no proof."""
    read = openrouter.parse(body_of({"id": "acme/one", "pricing": {}}, **top))
    assert read.complete is (notes == 0)
    assert len(read.notes) == notes


def test_what_has_no_id_is_ignored_by_name() -> None:
    """An element that is no model is listed as ignored, not lost."""
    read = openrouter.parse(body_of({"id": "a/b", "pricing": {}}, 7, {"id": ""}))
    assert read.ignored == ("data.1", "data.2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b"null",
        b'{"data": []}',
        b'{"data": {"id": "acme/one"}}',
        b'{"data": [1, 2]}',
        b'{"error": {"code": 429}}',
        b'{"object": "list", "data": [{"id": "acme/one", "object": "model"}]}',
        b'{"gpt-x": {"input_cost_per_token": 1e-6, "litellm_provider": "openai"}}',
        b'{"data": [{"id": "acme/one", "pri',
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is not the list of models is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        openrouter.parse(body)
    assert str(told.value).startswith("openrouter models: ")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        openrouter.parse(body)


@given(JSON | PRICING.map(lambda pricing: {"pricing": pricing}))
def test_any_entry_is_read(entry: Any) -> None:
    """No value makes an entry fail; what it states has meters that can be stored."""
    said = openrouter.flatten("acme/one", entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())


def test_a_deeply_nested_entry_is_read() -> None:
    """Nesting without reason costs one entry, not the body."""
    deep: Any = "0.1"
    for _ in range(900):
        deep = [deep]
    model = {"id": "a/b", "pricing": {"prompt": deep, "new": deep, "overrides": deep}}
    read = openrouter.parse(body_of(model, {**model, "name": "x"}))
    assert openrouter.flatten("a/b", read.entries["a/b"]).unknown == 3


def real_bodies() -> Iterator[tuple[str, bytes]]:
    """Every real body there is, oldest first."""
    for path in sorted(SERIES.glob("*.json.xz")):
        yield path.name, lzma.decompress(path.read_bytes())
    if NEWEST.is_file():
        yield NEWEST.name, NEWEST.read_bytes()


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every number of a price card with its dotted name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{name}.{number}")
    else:
        yield name, value


def is_stated(name: str, value: Any) -> bool:
    """Whether a leaf is a price: no condition, no filler, no router's -1."""
    if name.endswith(("min_prompt_tokens", "utc_start", "utc_end")):
        return False
    try:
        number = as_decimal(value)
    except NotAPrice:
        return False
    free = name in ("pricing.prompt", "pricing.completion") or "overrides" in name
    return number != -1 and (number != 0 or free)


@real_series
def test_no_price_of_the_real_series_is_lost() -> None:
    """Every number of every price card is a rate, a dynamic fact or held."""
    bodies = 0
    for name, body in real_bodies():
        read = openrouter.parse(body)
        assert (read.held_keys, read.ignored, read.notes) == ({}, (), ()), name
        for key, entry in read.entries.items():
            assert isinstance(entry, dict)
            said = openrouter.flatten(key, entry)
            landed = {q.field for q in said.quotes.values()}
            landed |= {p.field for p in said.problems}
            stated = list(leaves(entry["pricing"], "pricing"))
            assert {n for n, v in stated if is_stated(n, v)} == landed, (name, key)
            dynamic = [f for f in said.facts if f.startswith("pricing:")]
            assert len(dynamic) == sum(v == "-1" for _, v in stated), (name, key)
            assert said.unknown == 0, (name, key)
            assert {p.reason for p in said.problems} <= {"too_small"}, (name, key)
        bodies += 1
    assert bodies > 0


@real_series
@pytest.mark.parametrize(
    ("date", "model", "expected"),
    [
        ("2024-09-21", "openai/gpt-4o", ("5", "15")),
        ("2025-01-04", "openai/gpt-4o", ("2.5", "10")),
        ("2024-09-21", "anthropic/claude-3.5-sonnet", ("3", "15")),
        ("2026-03-29", "anthropic/claude-sonnet-4.5", ("3", "15")),
        ("2024-09-21", "openai/gpt-4o-mini", ("0.15", "0.6")),
    ],
)
def test_known_prices_of_the_real_series(
    date: str, model: str, expected: tuple[str, str]
) -> None:
    """Prices that everybody knows are read as they were."""
    path = next(SERIES.glob(f"{date}*.json.xz"))
    entry = openrouter.parse(lzma.decompress(path.read_bytes())).entries[model]
    said = prices(openrouter.flatten(model, entry))
    assert (said["input"], said["output"]) == expected


@real_newest
def test_the_newest_real_shape() -> None:
    """Long prompts, hours, one-hour caches and aliases are all read."""
    entries = openrouter.parse(NEWEST.read_bytes()).entries

    def read(key: str) -> Statement:
        return openrouter.flatten(key, entries[key])

    sonnet = prices(read("anthropic/claude-sonnet-4.5"))
    assert (sonnet["input"], sonnet["input@>200k"]) == ("3", "6")
    assert sonnet["cache_write@>200k;ttl=1h"] == "12"
    hours = prices(read("deepseek/deepseek-v4-pro-0813"))
    assert (hours["input"], hours["input;window=0600-1000"]) == ("0.66", "1.32")
    alias = read("~anthropic/claude-opus-latest")
    assert alias.facts["alias_target"] == "anthropic/claude-opus-5"
    assert read("openrouter/auto").facts["pricing:input"] == "dynamic"

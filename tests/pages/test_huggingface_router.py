"""What is read from the list of Hugging Face's router."""

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import huggingface_router
from tracker.domain.errors import UnreadableBody
from tracker.domain.families import family_of
from tracker.domain.money import plain
from tracker.domain.quotes import Statement

CAPTURED = "samples/huggingface-router/2026-08__v1-models.json"
KEY = "openai/gpt-oss-20b:groq"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def route(provider: Any = "groq", **fields: Any) -> dict[str, Any]:
    """One provider of a model as the list has it."""
    return {
        "provider": provider,
        "status": "live",
        "context_length": 131072,
        "pricing": {"input": 0.1, "output": 0.5},
        "is_free": False,
        **fields,
    }


def model(*routes: Any, **fields: Any) -> dict[str, Any]:
    """One model with its providers."""
    return {"id": "openai/gpt-oss-20b", "object": "model", "providers": routes} | fields


def body_of(*models: Any, **top: Any) -> bytes:
    """A list of models as the API sends it."""
    return json.dumps({"object": "list", "data": list(models), **top}).encode()


def said_of(**fields: Any) -> Statement:
    """What the list says of one route with these fields."""
    read = huggingface_router.parse(body_of(model(route(**fields), route("other"))))
    return huggingface_router.flatten(KEY, read.entries[KEY])


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_prices_are_dollars_a_million() -> None:
    """Numbers in dollars per million tokens are taken as they stand."""
    said = said_of()
    assert prices(said) == {"input": "0.1", "output": "0.5"}
    assert said.quotes["input"].field == "pricing.input"
    assert (said.problems, said.unknown) == ((), 0)


def test_the_noise_of_floats_is_no_price() -> None:
    """0.7499999999999999 is 0.75, exactly."""
    said = said_of(pricing={"input": 0.7499999999999999, "output": 2.9999999999999996})
    assert prices(said) == {"input": "0.75", "output": "3"}
    assert said.quotes["input"].exact


def test_each_provider_of_a_model_is_an_offer() -> None:
    """An offer is named as callers pick it, and its family is still the model's."""
    two = model(route("groq"), route("together", pricing={"input": 1, "output": 2}))
    read = huggingface_router.parse(body_of(two))
    assert set(read.entries) == {KEY, "openai/gpt-oss-20b:together"}
    offer = huggingface_router.flatten(KEY, read.entries[KEY]).offer
    assert (offer.provider, offer.model) == ("huggingface", KEY)
    assert family_of(offer.model) == "gpt-oss-20b"


@pytest.mark.parametrize("pricing", [{}, {"pricing": None}, {"pricing": {}}])
def test_a_provider_without_prices_says_nothing(pricing: dict[str, Any]) -> None:
    """No card is no rate and no problem; the route is listed all the same."""
    bare = {k: v for k, v in route().items() if k != "pricing"}
    read = huggingface_router.parse(body_of(model({**bare, **pricing}, route("x"))))
    said = huggingface_router.flatten(KEY, read.entries[KEY])
    assert (said.quotes, said.problems, said.unknown) == ({}, (), 0)
    assert said.facts["max_input_tokens"] == "131072"


def test_a_zero_is_a_price_only_where_nothing_speaks_against_it() -> None:
    """A price of 0 on a route that says that it is not free is held."""
    nothing = {"input": 0, "output": 0}
    free = said_of(pricing=nothing, is_free=True)
    assert prices(free) == {"input": "0", "output": "0"}
    assert free.facts["is_free"] == "true"
    held = said_of(pricing=nothing)
    assert held.quotes == {}
    assert {problem.reason for problem in held.problems} == {"conflict"}


def test_free_without_a_price_is_only_a_fact() -> None:
    """That a route is free says nothing about the price of a token."""
    said = said_of(pricing=None, is_free=True)
    assert (said.quotes, said.facts["is_free"]) == ({}, "true")


def test_limits_and_abilities_are_facts() -> None:
    """Context, abilities, modalities, and a status other than live, are facts."""
    read = huggingface_router.parse(
        body_of(
            model(
                route(supports_tools=True, supports_structured_output=False),
                route("other", status="staging"),
                architecture={
                    "input_modalities": ["text", "image"],
                    "output_modalities": ["text"],
                },
            )
        )
    )
    assert huggingface_router.flatten(KEY, read.entries[KEY]).facts == {
        "max_input_tokens": "131072",
        "supports_function_calling": "true",
        "supports_response_schema": "false",
        "supported_modalities": '["image","text"]',
        "supported_output_modalities": '["text"]',
    }
    other = read.entries["openai/gpt-oss-20b:other"]
    assert huggingface_router.flatten("x", other).facts["status"] == "staging"


def test_how_quick_a_route_is_changes_nothing() -> None:
    """Latency and throughput differ between captures of one offer."""
    quick = model(route(first_token_latency_ms=100, throughput=90.5))
    slow = model(route(first_token_latency_ms=900, throughput=3.25))
    read = huggingface_router.parse
    assert read(body_of(quick)).entries == read(body_of(slow)).entries


def test_an_unknown_price_is_kept_and_counted() -> None:
    """A price under a name not met before is on an unknown meter."""
    said = said_of(pricing={"input": 0.1, "output": 0.5, "audio": 3, "deep": {"a": 1}})
    assert prices(said)["unknown.unknown;field=pricing.audio"] == "3"
    assert said.unknown == 2


def test_renamed_prices_are_no_prices() -> None:
    """Without a name that is known the list is refused, not read as free."""
    with pytest.raises(UnreadableBody, match="no provider in it has a price"):
        huggingface_router.parse(body_of(model(route(pricing={"in": 1, "out": 2}))))


def test_routes_that_occur_twice_and_differ_are_held() -> None:
    """Which of two prices is meant cannot be told; equal ones are only noted."""
    other = route(pricing={"input": 9, "output": 9})
    read = huggingface_router.parse(body_of(model(route(), other)))
    assert read.held_keys == {KEY: "duplicate_key"}
    same = huggingface_router.parse(body_of(model(route()), model(route())))
    assert (same.held_keys, len(same.notes)) == ({}, 1)


def test_what_has_no_name_is_ignored_by_place() -> None:
    """Models and routes without a name are listed as ignored, not lost."""
    nameless = model(route(None), route(), 7)
    broken = model(id="a/b", providers="none")
    read = huggingface_router.parse(body_of(nameless, {"id": ""}, broken))
    assert set(read.entries) == {KEY}
    assert set(read.ignored) == {
        "data.1",
        "data.2",
        "data.0.providers.0",
        "data.0.providers.2",
    }


def test_a_part_of_a_list_is_not_complete() -> None:
    """A list that says that it goes on proves nothing by its silence."""
    assert huggingface_router.parse(body_of(model(route()))).complete
    part = body_of(model(route()), links={"next": "/2"})
    assert not huggingface_router.parse(part).complete


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b'{"data": []}',
        b'{"error": "Unauthorized"}',
        b'{"data": [{"id": "a/b", "object": "model"}]}',
        b'{"data": [{"id": "a/b", "pricing": {"prompt": "0.1", "completion": "1"}}]}',
        body_of(model()),
        body_of(model({"provider": "groq"})),
        body_of(model(route()))[:-20],
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is not the router's list of prices is unreadable, and one line says so."""
    with pytest.raises(UnreadableBody) as told:
        huggingface_router.parse(body)
    assert str(told.value).startswith("huggingface router models: ")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        huggingface_router.parse(body)
    with contextlib.suppress(UnreadableBody):
        huggingface_router.parse(b'{"data": [{"id": "a", "providers":' + body + b"}]}")


@given(st.dictionaries(st.sampled_from([*route(), "architecture"]), JSON))
def test_any_route_is_read(entry: Any) -> None:
    """No value makes a route fail; what it states has meters that can be stored."""
    said = huggingface_router.flatten(KEY, entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())


def test_the_captured_body(shared) -> None:
    """All 74 routes of the capture are read, 60 of them with both prices."""
    read = huggingface_router.parse((shared / CAPTURED).read_bytes())
    assert (read.notes, read.ignored, read.held_keys) == ((), (), {})
    said = {k: huggingface_router.flatten(k, e) for k, e in read.entries.items()}
    assert len(said) == 74
    assert sum(len(one.quotes) for one in said.values()) == 120
    assert sum(1 for one in said.values() if not one.quotes) == 14
    assert not any(one.problems or one.unknown for one in said.values())
    for key, expected in {
        "zai-org/GLM-5.2:deepinfra": ("0.75", "2.4"),
        "zai-org/GLM-5.2:scaleway": ("2.052", "6.27"),
        "openai/gpt-oss-120b:cerebras": ("0.35", "0.75"),
        "openai/gpt-oss-120b:deepinfra": ("0.037", "0.17"),
        "moonshotai/Kimi-K3:together": ("3", "15"),
        "deepseek-ai/DeepSeek-V4-Flash-0731:together": ("0.14", "0.28"),
    }.items():
        read_as = prices(said[key])
        assert (read_as["input"], read_as["output"]) == expected, key


def test_a_damaged_capture_is_read_or_refused(shared) -> None:
    """Cut off or with bytes flipped it gives a document or a reason."""
    body = (shared / CAPTURED).read_bytes()
    chance = random.Random(1)  # noqa: S311
    for at in range(0, len(body), 997):
        with pytest.raises(UnreadableBody):
            huggingface_router.parse(body[:at])
    for _ in range(200):
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] = chance.randrange(256)
        with contextlib.suppress(UnreadableBody):
            read = huggingface_router.parse(bytes(damaged))
            for key, entry in read.entries.items():
                huggingface_router.flatten(key, entry)

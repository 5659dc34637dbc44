"""What is read from OpenRouter's endpoints of single models."""

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import openrouter, openrouter_endpoints
from crawler.pages.bundle import Part, pack
from tracker.domain.errors import UnreadableBody
from tracker.domain.families import family_of
from tracker.domain.money import plain
from tracker.domain.quotes import Statement

CAPTURED = (
    "samples/openrouter/2025-05-23__endpoints_google-gemini-2.5-pro-preview.nock"
    ".body.json"
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def endpoint(tag: str | None = "acme", **fields: Any) -> dict[str, Any]:
    """One endpoint as the API has it."""
    return {
        "name": "Acme | acme/one",
        "tag": tag,
        "provider_name": "Acme Cloud",
        "context_length": 131072,
        "pricing": {"prompt": "0.000001", "completion": "0.000004", "discount": 0},
        **fields,
    }


def body_of(*endpoints: Any, model: str = "acme/one", **about: Any) -> bytes:
    """One model's endpoints as the API sends them."""
    return json.dumps(
        {"data": {"id": model, "name": "One", **about, "endpoints": list(endpoints)}}
    ).encode()


def bundle_of(*bodies: bytes, missing: tuple[str, ...] = ()) -> bytes:
    """Several of them in one capture."""
    home = "https://openrouter.ai/api/v1/models"
    return pack([Part(f"{home}/{n}", body) for n, body in enumerate(bodies)], missing)


def said_of(body: bytes, key: str) -> Statement:
    """What a body says of one endpoint."""
    return openrouter_endpoints.flatten(
        key, openrouter_endpoints.parse(body).entries[key]
    )


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_each_endpoint_is_an_offer_of_its_own() -> None:
    """Two providers of one model are two keys with a price each."""
    dear = {"prompt": "0.000002", "completion": "0.000005"}
    body = body_of(endpoint("acme"), endpoint("other/fp8", pricing=dear))
    read = openrouter_endpoints.parse(body)
    assert set(read.entries) == {"acme/one:acme", "acme/one:other/fp8"}
    assert prices(said_of(body, "acme/one:acme")) == {"input": "1", "output": "4"}
    assert prices(said_of(body, "acme/one:other/fp8")) == {"input": "2", "output": "5"}


def test_the_offer_names_model_and_endpoint() -> None:
    """It is sold by OpenRouter, and its family is still that of the model."""
    offer = said_of(body_of(endpoint("other/fp8")), "acme/one:other/fp8").offer
    assert (offer.provider, offer.model, offer.region) == (
        "openrouter",
        "acme/one:other-fp8",
        "",
    )
    assert family_of(offer.model) == "one"


def test_a_bundle_holds_several_models() -> None:
    """The endpoints of all of a bundle's models are read."""
    body = bundle_of(
        body_of(endpoint()), body_of(endpoint(), model="acme/two:free"), missing=()
    )
    read = openrouter_endpoints.parse(body)
    assert set(read.entries) == {"acme/one:acme", "acme/two:free:acme"}


def test_it_never_is_the_whole_list() -> None:
    """Only models that were asked for are in it: silence about others is no proof."""
    assert not openrouter_endpoints.parse(body_of(endpoint())).complete
    assert not openrouter_endpoints.parse(bundle_of(body_of(endpoint()))).complete


def test_a_model_that_nobody_serves_has_no_keys() -> None:
    """No endpoint is no error, if there is a price elsewhere in the bundle."""
    body = bundle_of(body_of(), body_of(endpoint(), model="acme/two"))
    assert set(openrouter_endpoints.parse(body).entries) == {"acme/two:acme"}


def test_a_discount_is_a_fact() -> None:
    """The price is the one that is asked, the discount in it is only told."""
    card = {"prompt": "0.000001", "completion": "0.000004", "discount": 0.25}
    said = said_of(body_of(endpoint(pricing=card)), "acme/one:acme")
    assert said.facts["discount"] == "0.25"
    assert prices(said) == {"input": "1", "output": "4"}


def test_a_card_is_read_as_in_the_list() -> None:
    """Fillers, long prompts and hours are those of OpenRouter's own list."""
    card = {
        "prompt": "0.000001",
        "completion": "0.000004",
        "request": "0",
        "image": "0.00516",
        "web_search": "0",
        "input_cache_read": "0.0000001",
        "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000002"}],
    }
    said = said_of(body_of(endpoint(pricing=card)), "acme/one:acme")
    assert said.quotes == openrouter.flatten("acme/one", {"pricing": card}).quotes
    assert prices(said)["input@>200k"] == "2"


def test_what_an_endpoint_takes_is_facts() -> None:
    """Limits, number format, abilities and who serves it are facts."""
    body = body_of(
        endpoint(
            max_completion_tokens=4096,
            quantization="fp8",
            supported_parameters=["tools"],
        ),
        architecture={"input_modalities": ["text", "image"]},
    )
    assert said_of(body, "acme/one:acme").facts == {
        "name": "One",
        "served_by": "Acme Cloud",
        "max_input_tokens": "131072",
        "max_output_tokens": "4096",
        "quantization": "fp8",
        "supported_modalities": '["image","text"]',
        "supports_function_calling": "true",
        "discount": "0",
    }
    limited = body_of(endpoint(max_prompt_tokens=1000, quantization="unknown"))
    facts = said_of(limited, "acme/one:acme").facts
    assert (facts["max_input_tokens"], facts.get("quantization")) == ("1000", None)


def test_how_an_endpoint_does_just_now_changes_nothing() -> None:
    """Speed, uptime and status differ between captures of one offer."""
    calm = openrouter_endpoints.parse(body_of(endpoint(status=0, uptime=99.9)))
    busy = openrouter_endpoints.parse(body_of(endpoint(status=-2, uptime=11.2)))
    assert calm.entries == busy.entries


def test_an_endpoint_without_a_tag_goes_by_its_provider() -> None:
    """Bodies from before there were tags name the provider only."""
    read = openrouter_endpoints.parse(body_of(endpoint(None)))
    assert set(read.entries) == {"acme/one:acme-cloud"}
    nameless = endpoint(None, provider_name=None)
    told = openrouter_endpoints.parse(body_of(endpoint(), nameless, 7))
    assert told.ignored == ("acme/one.endpoints.1", "acme/one.endpoints.2")


def test_a_tag_that_occurs_twice_is_held_if_prices_differ() -> None:
    """Which of two prices is meant cannot be told; equal ones are only noted."""
    other = endpoint(pricing={"prompt": "0.000009"})
    read = openrouter_endpoints.parse(body_of(endpoint(), other))
    assert read.held_keys == {"acme/one:acme": "duplicate_key"}
    same = openrouter_endpoints.parse(body_of(endpoint(), endpoint()))
    assert (same.held_keys, len(same.notes)) == ({}, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b'{"error": {"message": "No endpoints found", "code": 404}}',
        b'{"data": []}',
        b'{"data": {"id": "acme/one"}}',
        b'{"data": [{"id": "acme/one", "pricing": {"prompt": "1"}}]}',
        body_of(),
        body_of(endpoint(pricing=None)),
        body_of(endpoint())[:-9],
        b'{"bundle":"pricetrail/1","missing":[],"parts":[{"url":5,"text":"x"}]}',
        b'{"bundle":"pricetrail/1","missing":[],"parts":[]}',
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is no list of priced endpoints is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        openrouter_endpoints.parse(body)
    assert "\n" not in str(told.value)


def test_a_bundle_with_one_bad_page_is_refused_by_its_address() -> None:
    """A page that is no list of endpoints is named, not passed over."""
    bad = bundle_of(body_of(endpoint()), b'{"error": {"code": 429}}')
    with pytest.raises(UnreadableBody, match="models/1: no model with a list"):
        openrouter_endpoints.parse(bad)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        openrouter_endpoints.parse(body)
    with contextlib.suppress(UnreadableBody):
        openrouter_endpoints.parse(b'{"bundle":"pricetrail/1","parts":' + body + b"}")


@given(st.dictionaries(st.sampled_from([*endpoint(), "quantization"]), JSON))
def test_any_endpoint_is_read(entry: Any) -> None:
    """No value makes an endpoint fail; its prices have meters that can be stored."""
    said = openrouter_endpoints.flatten("acme/one:acme", entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())


def test_the_captured_body(shared) -> None:
    """Both endpoints of the capture ask the same, with an image of 4,128 tokens."""
    body = (shared / CAPTURED).read_bytes()
    read = openrouter_endpoints.parse(body)
    model = "google/gemini-2.5-pro-preview"
    assert set(read.entries) == {f"{model}:google-vertex", f"{model}:google-ai-studio"}
    for key in read.entries:
        said = said_of(body, key)
        assert prices(said) == {
            "input": "1.25",
            "output": "10",
            "input.image": "0.00516",
            "cache_read": "0.31",
            "cache_write": "1.625",
        }
        assert (said.unknown, said.problems) == (0, ())
    facts = said_of(body, f"{model}:google-vertex").facts
    assert facts["max_output_tokens"] == "65535"


def test_a_damaged_capture_is_read_or_refused(shared) -> None:
    """Cut off or with bytes flipped it gives a document or a reason."""
    body = (shared / CAPTURED).read_bytes()
    chance = random.Random(1)  # noqa: S311
    for at in range(0, len(body), 97):
        with pytest.raises(UnreadableBody):
            openrouter_endpoints.parse(body[:at])
    for _ in range(300):
        damaged = bytearray(pack([Part("https://a", body)]))
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with contextlib.suppress(UnreadableBody):
            read = openrouter_endpoints.parse(bytes(damaged))
            for key, entry in read.entries.items():
                openrouter_endpoints.flatten(key, entry)

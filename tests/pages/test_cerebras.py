"""What is read from Cerebras' public list of models."""

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import cerebras
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Statement

CAPTURED = "samples/cerebras/2026-08__public-v1-models.json"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def model(**fields: Any) -> dict[str, Any]:
    """One model as the list has it."""
    return {
        "id": "gpt-oss-120b",
        "object": "model",
        "name": "OpenAI GPT OSS",
        "pricing": {"prompt": "0.00000035", "completion": "0.00000075"},
        "capabilities": {"vision": False, "tools": True, "reasoning": True},
        "limits": {"max_context_length": 131072, "max_completion_tokens": 40960},
        "deprecated": False,
        "preview": False,
        **fields,
    }


def body_of(*models: Any, **top: Any) -> bytes:
    """A list of models as the API sends it."""
    return json.dumps({"object": "list", "data": list(models), **top}).encode()


def said_of(**fields: Any) -> Statement:
    """What the list says of one model with these fields."""
    read = cerebras.parse(body_of(model(**fields)))
    return cerebras.flatten("gpt-oss-120b", read.entries["gpt-oss-120b"])


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_prices_are_dollars_a_token() -> None:
    """Texts in dollars per token become exact prices per million."""
    said = said_of()
    assert prices(said) == {"input": "0.35", "output": "0.75"}
    assert said.quotes["input"].raw == "0.00000035"
    assert said.quotes["input"].field == "pricing.prompt"
    assert (said.problems, said.unknown) == ((), 0)


def test_the_offer_is_named_as_in_litellms_map() -> None:
    """`gpt-oss-120b` of this list is litellm's `cerebras/gpt-oss-120b`."""
    assert said_of().offer.text == "cerebras/gpt-oss-120b"


def test_limits_and_abilities_are_facts() -> None:
    """What a model takes, gives and can do are facts; prose is not."""
    said = said_of(description="Very quick.", hugging_face_id="openai/gpt-oss-120b")
    assert said.facts == {
        "name": "OpenAI GPT OSS",
        "hugging_face_id": "openai/gpt-oss-120b",
        "max_input_tokens": "131072",
        "max_output_tokens": "40960",
        "supports_vision": "false",
        "supports_reasoning": "true",
    }


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({}, None),
        ({"deprecated": True}, "deprecated"),
        ({"preview": True}, "preview"),
        ({"deprecated": True, "preview": True}, "deprecated preview"),
    ],
)
def test_what_is_ending_or_beginning_is_a_fact(
    flags: dict[str, bool], status: str | None
) -> None:
    """A model's status is a fact, and no status is none."""
    assert said_of(**flags).facts.get("status") == status


def test_a_card_is_read_as_openrouters() -> None:
    """A zero on other keys says nothing, an unknown key is kept and counted."""
    pricing = {
        "prompt": "0.00000035",
        "completion": "0",
        "request": "0",
        "input_cache_read": "0.0000001",
        "turbo": "0.2",
    }
    said = said_of(pricing=pricing)
    assert prices(said) == {
        "input": "0.35",
        "output": "0",
        "cache_read": "0.1",
        "unknown.unknown;field=pricing.turbo": "0.2",
    }
    assert said.unknown == 1


def test_a_renamed_price_key_gives_no_wrong_price() -> None:
    """A price under a new name is on no meter that is billed."""
    said = said_of(pricing={"prompt": "0.000001", "output_tokens": "0.000002"})
    billed = {q.meter.component for q in said.quotes.values()}
    assert billed == {"input", "unknown"}
    with pytest.raises(UnreadableBody, match="no entry of it has a price"):
        cerebras.parse(body_of(model(pricing={"input_tokens": "0.000001"})))


def test_a_model_without_prices_is_listed_all_the_same() -> None:
    """A model that states none has no rate and no problem."""
    read = cerebras.parse(body_of(model(), model(id="new", pricing=None)))
    said = cerebras.flatten("new", read.entries["new"])
    assert (said.quotes, said.problems, said.unknown) == ({}, (), 0)


def test_models_that_occur_twice_and_differ_are_held() -> None:
    """Equal repetitions are only noted."""
    other = model(pricing={"prompt": "0.000001"})
    read = cerebras.parse(body_of(model(), other))
    assert read.held_keys == {"gpt-oss-120b": "duplicate_key"}
    same = cerebras.parse(body_of(model(), model()))
    assert (same.held_keys, len(same.notes)) == ({}, 1)


def test_a_part_of_a_list_is_not_complete() -> None:
    """A list that says that it goes on proves nothing by its silence."""
    assert cerebras.parse(body_of(model())).complete
    assert not cerebras.parse(body_of(model(), total_count=5)).complete


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b'{"data": []}',
        b'{"error": {"message": "Not found"}}',
        body_of(model())[:-30],
        body_of({"id": "openai/gpt-4o", "pricing": {"prompt": "1", "completion": "2"}}),
        body_of({"id": "google/x", "pricing": {"input": "0.000002"}, "type": "image"}),
        body_of({"id": "x/y", "providers": [{"provider": "groq", "pricing": {}}]}),
        body_of({"id": "gpt-oss-120b", "object": "model", "owned_by": "Cerebras"}),
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is not Cerebras' list of prices is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        cerebras.parse(body)
    assert str(told.value).startswith("cerebras models: ")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        cerebras.parse(body)


@given(st.dictionaries(st.sampled_from([*model(), "architecture"]), JSON))
def test_any_entry_is_read(entry: Any) -> None:
    """No value makes an entry fail; what it states has meters that can be stored."""
    said = cerebras.flatten("x", entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())


def test_the_captured_body(shared) -> None:
    """Both models of the capture are read as they stand there."""
    read = cerebras.parse((shared / CAPTURED).read_bytes())
    assert (read.notes, read.ignored, read.held_keys) == ((), (), {})
    said = {key: cerebras.flatten(key, entry) for key, entry in read.entries.items()}
    assert {key: prices(one) for key, one in said.items()} == {
        "gemma-4-31b": {"input": "0.99", "output": "1.49"},
        "gpt-oss-120b": {"input": "0.35", "output": "0.75"},
    }
    assert said["gemma-4-31b"].facts["supports_vision"] == "true"
    assert sum(one.unknown for one in said.values()) == 0


def test_a_damaged_capture_is_read_or_refused(shared) -> None:
    """Cut off or with bytes flipped it gives a document or a reason."""
    body = (shared / CAPTURED).read_bytes()
    chance = random.Random(1)  # noqa: S311
    for at in range(0, len(body), 97):
        with pytest.raises(UnreadableBody):
            cerebras.parse(body[:at])
    for _ in range(300):
        damaged = bytearray(body)
        damaged[chance.randrange(len(body))] = chance.randrange(256)
        with contextlib.suppress(UnreadableBody):
            for key, entry in cerebras.parse(bytes(damaged)).entries.items():
                cerebras.flatten(key, entry)

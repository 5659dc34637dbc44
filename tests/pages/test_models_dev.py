"""What is read from models.dev's api.json."""

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

from crawler.pages import models_dev
from tracker.domain.errors import UnreadableBody
from tracker.domain.models_dev_keys import PROVIDERS, offer_of
from tracker.domain.money import plain
from tracker.domain.quotes import Statement

SHARED = Path(
    os.environ.get("PRICETRAIL_SHARED", Path(__file__).parents[2].parent / "shared")
)
SERIES = SHARED / "data" / "models-dev"
real_series = pytest.mark.skipif(
    not SERIES.is_dir(), reason=f"no real bodies of models-dev in {SERIES}"
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
STEP = st.dictionaries(
    st.sampled_from(["input", "output", "new"]), JSON, max_size=2
) | st.fixed_dictionaries(
    {"input": JSON, "tier": st.just({"type": "context", "size": 200000}) | JSON}
)
COST = st.dictionaries(
    st.sampled_from(["input", "cache_read", "tiers", "context_over_200k", "new"]),
    JSON | STEP | st.lists(STEP),
)
ENTRY = st.fixed_dictionaries(
    {"cost": COST, "experimental": JSON | st.just({"modes": {"a b": {"cost": 1}}})}
)


def priced(**cost: Any) -> Statement:
    """One model with this cost."""
    return models_dev.flatten("acme/one", {"id": "one", "cost": cost})


def prices(said: Statement) -> dict[str, str]:
    """Meter to price, in dollars per million or per one."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def test_every_cost_has_its_meter() -> None:
    """Each cost is one meter, stated and kept in dollars per million tokens."""
    said = priced(
        input=1.25,
        output=10,
        cache_read=0.125,
        cache_write=0,
        reasoning=12,
        input_audio=0.7,
        output_audio=20,
    )
    assert prices(said) == {
        "input": "1.25",
        "output": "10",
        "cache_read": "0.125",
        "cache_write": "0",
        "reasoning": "12",
        "input.audio_token": "0.7",
        "output.audio_token": "20",
    }
    assert (said.unknown, said.problems) == (0, ())
    assert said.quotes["input"].raw == "1.25"
    assert said.quotes["input"].field == "cost.input"


def test_long_contexts_have_their_own_rates() -> None:
    """Both ways to state a threshold end on meters above that context."""
    steps = [
        {"input": 2, "output": 3, "tier": {"type": "context", "size": 32000}},
        {"input": 4, "tier": {"type": "context", "size": 256000}},
    ]
    assert prices(priced(input=1, tiers=steps)) == {
        "input": "1",
        "input@>32k": "2",
        "output@>32k": "3",
        "input@>256k": "4",
    }
    old = priced(input=1, context_over_200k={"input": 2})
    assert prices(old) == {"input": "1", "input@>200k": "2"}


def test_the_old_threshold_beside_the_tier_it_repeats_is_one_rate() -> None:
    """A tier's true threshold wins over the 200k that old readers are told."""
    step = {"input": 2, "output": 3, "tier": {"type": "context", "size": 272000}}
    said = priced(input=1, tiers=[step], context_over_200k={"input": 2, "output": 3})
    assert prices(said) == {"input": "1", "input@>272k": "2", "output@>272k": "3"}


def test_an_old_threshold_that_contradicts_its_tier_is_held() -> None:
    """Two prices for one meter are shown as a conflict, not chosen between."""
    step = {"input": 2, "tier": {"type": "context", "size": 200000}}
    said = priced(input=1, tiers=[step], context_over_200k={"input": 3})
    assert prices(said) == {"input": "1"}
    assert [p.reason for p in said.problems] == ["conflict"]


@pytest.mark.parametrize(
    "step",
    [
        {"input": 2},
        {"input": 2, "tier": {"type": "requests", "size": 100}},
        {"input": 2, "tier": {"type": "context", "size": "large"}},
        {"input": 2, "tier": 200000},
    ],
)
def test_a_tier_of_an_unknown_shape_is_counted(step: dict[str, Any]) -> None:
    """A condition that cannot be read makes its prices unknown, not believed."""
    said = priced(input=1, tiers=[step])
    assert prices(said)["input"] == "1"
    assert prices(said)["unknown.unknown;field=cost.tiers.0.input"] == "2"
    assert said.unknown >= 1


def test_another_mode_is_another_tier() -> None:
    """A mode's card is the same meters in the tier of its name."""
    modes = {"fast": {"cost": {"input": 6, "output": 30}}, "deep-think": {"cost": {}}}
    entry = {"cost": {"input": 1}, "experimental": {"modes": modes}}
    said = models_dev.flatten("acme/one", entry)
    assert prices(said) == {"input": "1", "input+fast": "6", "output+fast": "30"}


def test_an_unknown_cost_is_kept_and_counted() -> None:
    """A cost under a name not met before is a row on an unknown meter."""
    said = priced(input=1, video=3, batch={"input": 0.5})
    assert said.unknown == 2
    assert prices(said)["unknown.unknown;field=cost.video"] == "3"
    assert prices(said)["unknown.unknown;field=cost.batch.input"] == "0.5"


def test_an_entry_without_a_cost_is_still_an_entry() -> None:
    """A model whose price is not known has facts and no rates."""
    said = models_dev.flatten("acme/one", {"id": "one", "reasoning": False})
    assert said.quotes == {}
    assert said.facts == {"supports_reasoning": "false"}


def test_a_negative_cost_is_held() -> None:
    """This source routes nothing, so a negative number is a mistake."""
    assert [p.reason for p in priced(input=-1).problems] == ["negative"]


def test_what_matters_of_the_rest_is_facts() -> None:
    """Limits, abilities and dates of the model are facts; its file's date is not."""
    entry = {
        "id": "one",
        "name": "One",
        "family": "ones",
        "attachment": True,
        "knowledge": "2025-01",
        "release_date": "2025-06-01",
        "last_updated": "2026-01-01",
        "open_weights": False,
        "status": "deprecated",
        "tool_call": True,
        "reasoning": False,
        "structured_output": True,
        "limit": {"context": 400, "input": 272, "output": 128},
        "modalities": {"input": ["text", "image"], "output": ["text"]},
    }
    assert models_dev.flatten("acme/one", entry).facts == {
        "name": "One",
        "family": "ones",
        "attachment": "true",
        "knowledge": "2025-01",
        "release_date": "2025-06-01",
        "open_weights": "false",
        "status": "deprecated",
        "supports_function_calling": "true",
        "supports_reasoning": "false",
        "supports_response_schema": "true",
        "max_input_tokens": "272",
        "max_output_tokens": "128",
        "supported_modalities": '["image","text"]',
        "supported_output_modalities": '["text"]',
    }


def test_without_an_input_limit_the_context_is_it() -> None:
    """The context is the limit of the input; a zero limit is not known."""
    entry = {"limit": {"context": 400, "output": 0}}
    assert models_dev.flatten("a/b", entry).facts == {"max_input_tokens": "400"}


@pytest.mark.parametrize(
    ("key", "offer"),
    [
        ("openai/gpt-x", "openai/gpt-x"),
        ("google/gemini-x", "gemini/gemini-x"),
        ("google-vertex/org/model-x", "vertex_ai/org/model-x"),
        ("google-vertex-anthropic/c@20250101", "vertex_ai/c@20250101"),
        ("amazon-bedrock/anthropic.c-v1:0", "bedrock/anthropic.c-v1:0"),
        ("amazon-bedrock/us.anthropic.c-v1:0", "bedrock/anthropic.c-v1:0@us"),
        ("amazon-bedrock/global.anthropic.c-v1:0", "bedrock/anthropic.c-v1:0@global"),
        ("azure/gpt-x", "azure/gpt-x"),
        ("azure-cognitive-services/gpt-x", "azure/gpt-x"),
        ("azure/o9-mini", "azure/o9-mini"),
        ("azure/gpt-oss-1b", "azure_ai/gpt-oss-1b"),
        ("azure-cognitive-services/llama-x", "azure_ai/llama-x"),
        ("fireworks-ai/accounts/f/models/m", "fireworks_ai/accounts/f/models/m"),
        ("alibaba-cn/qwen-x", "alibaba-cn/qwen-x"),
        ("brand-new/model-x", "brand-new/model-x"),
    ],
)
def test_offers_have_the_names_of_the_widest_map(key: str, offer: str) -> None:
    """One offer has one name whichever source states it; unknown names stay."""
    assert offer_of(key).text == offer


def test_the_provider_table_changes_every_name_it_lists() -> None:
    """A provider that keeps its name is not in the table."""
    assert all(name != kept for name, kept in PROVIDERS.items())


def test_entries_are_keyed_by_provider_and_model() -> None:
    """The same model at two providers is two entries; what sells nothing is named."""
    body = {
        "acme": {"name": "Acme", "models": {"one": {"id": "one"}, "two": 7}},
        "other": {"models": {"one": {"id": "one"}}},
        "empty": {"models": {}},
        "odd": [],
    }
    read = models_dev.parse(json.dumps(body).encode())
    assert set(read.entries) == {"acme/one", "other/one"}
    assert read.ignored == ("acme/two", "empty", "odd")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Just a moment...</title>",
        b"[]",
        b"{}",
        b"null",
        b'{"data": [{"id": "acme/one", "pricing": {}}]}',
        b'{"acme": {"models": []}}',
        b'{"gpt-x": {"input_cost_per_token": 1e-6, "litellm_provider": "openai"}}',
        b'{"acme": {"models": {"one": {"cos',
    ],
)
def test_another_document_is_refused_in_one_line(body: bytes) -> None:
    """What is not the catalogue is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        models_dev.parse(body)
    assert str(told.value).startswith("models.dev api.json: ")
    assert "\n" not in str(told.value)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        models_dev.parse(body)


@given(st.text(), JSON | ENTRY)
def test_any_entry_is_read(key: str, entry: Any) -> None:
    """No value makes an entry fail; what it states has meters that can be stored."""
    said = models_dev.flatten(key, entry)
    assert all(key == quote.meter.key for key, quote in said.quotes.items())


def test_a_deeply_nested_entry_is_read() -> None:
    """Nesting without reason costs one entry, not the body."""
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    step = {"input": deep, "tier": {"type": "context", "size": 7}}
    cost = {"input": deep, "tiers": [step], "context_over_200k": {"input": deep}}
    assert models_dev.flatten("acme/one", {"cost": cost, "limit": deep}).unknown == 3


def real_bodies() -> Iterator[tuple[str, bytes]]:
    """Every real body there is, oldest first."""
    for path in sorted(SERIES.glob("*.json.xz")):
        yield path.name, lzma.decompress(path.read_bytes())


def leaves(value: Any, name: str) -> Iterator[str]:
    """The dotted name of every number of a cost."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{name}.{number}")
    elif isinstance(value, int | float):
        yield name


def stated(entry: dict[str, Any]) -> set[str]:
    """Where the entry states prices."""
    found = set(leaves(entry.get("cost"), "cost"))
    for name, mode in entry.get("experimental", {}).get("modes", {}).items():
        found |= set(leaves(mode.get("cost"), f"experimental.modes.{name}.cost"))
    return found


@real_series
def test_no_cost_of_the_real_series_is_lost() -> None:
    """Every number of every cost is a rate; none is held, unknown or in conflict."""
    bodies = 0
    for name, body in real_bodies():
        read = models_dev.parse(body)
        assert read.ignored == (), name
        for key, entry in read.entries.items():
            assert isinstance(entry, dict)
            said = models_dev.flatten(key, entry)
            assert {q.field for q in said.quotes.values()} == stated(entry), (name, key)
            assert (said.unknown, said.problems) == (0, ()), (name, key)
        bodies += 1
    assert bodies > 0


@real_series
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("openai/gpt-4o", {"input": "2.5", "output": "10", "cache_read": "1.25"}),
        ("anthropic/claude-sonnet-4-5", {"input": "3", "output": "15"}),
        ("anthropic/claude-opus-4-6", {"input": "5", "output+fast": "150"}),
        ("openai/gpt-5.4", {"input@>200k": "5", "output+fast": "30"}),
    ],
)
def test_known_prices_of_the_real_series(key: str, expected: dict[str, str]) -> None:
    """Prices that everybody knows are read as they were."""
    *_, (_, newest) = real_bodies()
    entry = models_dev.parse(newest).entries[key]
    assert expected.items() <= prices(models_dev.flatten(key, entry)).items()

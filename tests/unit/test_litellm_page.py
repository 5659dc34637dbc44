"""litellm's map: what is read of a body and of each of its entries."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import litellm
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import parse_meter
from tracker.domain.money import plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abXY9é ;=%", min_size=1), inner, max_size=3)
    ),
    max_leaves=10,
)
HEADS = ["input", "output", "cache", "read", "creation", "reasoning", "dbu"]
UNITS = ["cost", "per", "1k", "token", "tokens", "audio", "image", "second", "pricing"]
ENDS = ["above", "200k", "1hr", "1024", "4K", "flex", "batches", "zap", "hit", "_"]
WORDS = HEADS + UNITS + ENDS
NAME = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("_".join)
PRICE = st.sampled_from(
    [
        "input_cost_per_token",
        "cost_per_token",
        "cost_per_second",
        "input_cost_per_second",
        "input_cost_per_token_ultrafast",
        "search_context_cost_per_query",
        "guardrail_cost_per_unit",
    ]
)
RANGE = st.fixed_dictionaries({"range": JSON | st.lists(st.integers(-1, 3))})
STEP = st.builds(dict.__or__, RANGE, st.dictionaries(PRICE | NAME, JSON, max_size=3))
ENTRY = st.builds(
    dict.__or__,
    st.dictionaries(PRICE | NAME | st.text(max_size=8), JSON, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "litellm_provider": JSON | st.just("azure"),
            "tiered_pricing": JSON | st.lists(STEP, max_size=3),
            "off_peak_pricing": JSON | STEP,
            "search_context_cost_per_query": JSON,
        },
    ),
)


def prices(entry, key="openai/x"):
    """Meter key to price of a made-up entry."""
    said = litellm.flatten(key, entry)
    return {name: plain(quote.price_nano) for name, quote in said.quotes.items()}


def problems(entry):
    """Meter key and reason of what is held of a made-up entry."""
    said = litellm.flatten("openai/x", entry)
    return [(p.meter.key, p.reason) for p in said.problems if p.meter]


def test_every_price_field_becomes_a_quote():
    """Prices land on their meters in dollars per quantum, facts beside them."""
    said = litellm.flatten(
        "azure/eu/x",
        {
            "litellm_provider": "azure",
            "mode": "chat",
            "max_tokens": 4096,
            "supports_vision": True,
            "input_cost_per_token": 4e-07,
            "output_cost_per_image": 0.04,
        },
    )
    assert said.offer.text == "azure/x@eu"
    assert {k: plain(q.price_nano) for k, q in said.quotes.items()} == {
        "input": "0.4",
        "output.image": "0.04",
    }
    assert (said.quotes["input"].raw, said.quotes["input"].currency) == ("4e-07", "USD")
    assert said.facts == {
        "mode": "chat",
        "max_tokens": "4096",
        "supports_vision": "true",
    }
    assert (said.problems, said.unknown) == ((), 0)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {"search_context_cost_per_query": {"search_context_size_high": 0.05}},
            {"search.query;search_context=high": "0.05"},
        ),
        ({"search_context_cost_per_query": 0.01}, {"search.query": "0.01"}),
        (
            {"off_peak_pricing": {"input_cost_per_token": 1e-7, "hours": "0-8"}},
            {"input;window=off_peak": "0.1"},
        ),
        (
            {
                "tiered_pricing": [
                    {"range": [0, 32000], "input_cost_per_token": 1e-6},
                    {"range": [32000, 128000], "input_cost_per_token": 2e-6},
                ]
            },
            {"input": "1", "input@>32k": "2"},
        ),
        (
            {
                "tiered_pricing": [
                    {"max_results_range": [0, 25], "input_cost_per_query": 0.005}
                ]
            },
            {"input.query;results=0-25": "0.005"},
        ),
        (
            {"guardrail_cost_per_unit": {"contentPolicyImageUnits": 0.00075}},
            {"guardrail.unit;policy=content_policy_image_units": "0.00075"},
        ),
    ],
    ids=["sizes", "one-size", "off-peak", "contexts", "results", "policies"],
)
def test_nested_prices_become_meters(entry, expected):
    """Each nested price has a meter that says when it holds."""
    assert prices(entry) == expected


def test_the_qualifiers_of_a_key_stand_on_each_meter():
    """What a key says besides the model holds for all that its entry states."""
    entry = {"litellm_provider": "openai", "input_cost_per_image": 0.2, "zap_cost": 1}
    assert prices(entry, "high/1024-x-1024/gpt-image-1") == {
        "input.image;quality=high;size=1024x1024": "0.2",
        "unknown.unknown;field=zap_cost;quality=high;size=1024x1024": "1",
    }


def test_a_field_that_cannot_be_read_is_kept_and_counted():
    """An unread price stands under its raw name; nothing is dropped in silence."""
    said = litellm.flatten("x", {"zap_cost_per_furlong": 3, "input_cost_note": "soon"})
    (quote,) = said.quotes.values()
    assert (quote.meter.unit, quote.field) == ("unknown", "zap_cost_per_furlong")
    assert said.unknown == 1
    assert said.facts == {"input_cost_note": "soon"}


def test_a_new_tier_needs_the_field_without_it():
    """A word never met is a tier only beside the same field without it."""
    alone = {"input_cost_per_token_zap": 1e-6}
    assert prices(alone | {"input_cost_per_token": 2e-6}) == {
        "input": "2",
        "input+zap": "1",
    }
    (meter,) = prices(alone)
    assert meter == "unknown.unknown;field=input_cost_per_token_zap"


@pytest.mark.parametrize(
    "entry",
    [
        {"tiered_pricing": [{"range": [0, 5], "input_cost_per_token_zap": 1}]},
        {"off_peak_pricing": {"input_cost_per_token_zap": 1}},
    ],
    ids=["tiered", "off-peak"],
)
def test_a_nested_new_tier_needs_the_field_without_it(entry):
    """The rule for words never met holds inside of nested prices too."""
    assert litellm.flatten("x", entry).unknown == 1


@pytest.mark.parametrize("value", [{"eu": {"day": 0.5}}, [0.5], {"eu": [0.5]}], ids=str)
def test_numbers_deep_under_an_unread_name_are_counted(value):
    """A price is counted as unread however deep it stands."""
    assert litellm.flatten("x", {"zap_pricing": value}).unknown == 1


def test_two_fields_for_one_meter_agree():
    """Two names of one meter with one price are one quote."""
    entry = {"cost_per_second": 0.5, "input_cost_per_second": 0.5}
    assert prices(entry) == {"input.second": "0.5"}
    assert problems(entry) == []


@pytest.mark.parametrize(
    "values", [(0.5, 0.4), (0.5, 0), (0.5, 0.4, 0.5), (1, 2, 2)], ids=str
)
def test_two_fields_for_one_meter_that_differ_are_held(values):
    """Two prices for one meter are a conflict and neither is believed."""
    names = ("cost_per_token", "input_cost_per_token", "input_token_cost")
    entry = dict(zip(names, values, strict=False))
    assert prices(entry) == {}
    assert problems(entry) == [("input", "conflict")]


@pytest.mark.parametrize("order", [1, -1])
def test_a_bad_value_beside_a_good_one_holds_the_meter(order):
    """A meter with a value that is no price is not believed on another field."""
    pairs = [("cost_per_token", -1), ("input_cost_per_token", 2)][::order]
    assert prices(dict(pairs)) == {}
    assert problems(dict(pairs)) == [("input", "negative")]


def test_a_meter_is_held_once():
    """Two bad values for one meter are one hold."""
    assert len(problems({"cost_per_token": -1, "input_cost_per_token": -2})) == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "negative"),
        (float("nan"), "not_a_number"),
        (1e400, "infinite"),
        (10**40, "infinite"),
        (True, "not_a_number"),
        ("dynamic", "not_a_number"),
        ([1e-6], "not_a_number"),
        (1e-30, "too_small"),
        (1e10, "too_large"),
    ],
    ids=repr,
)
def test_a_value_that_is_no_price_is_held(value, reason):
    """A readable field with an unbelievable value is a problem, never a quote."""
    entry = {"input_cost_per_token": value, "output_cost_per_token": 0}
    assert prices(entry) == {"output": "0"}
    assert problems(entry) == [("input", reason)]


def test_null_states_nothing():
    """A field that is null is the same as a field that is not there."""
    said = litellm.flatten("x", {"input_cost_per_token": None, "mode": None})
    assert (said.quotes, said.facts, said.problems) == ({}, {}, ())


@given(st.text(), JSON | ENTRY)
def test_any_entry_is_read(key, entry):
    """No value makes an entry fail, and no meter is stated twice."""
    said = litellm.flatten(key, entry)
    held = {p.meter.key for p in said.problems if p.meter}
    assert all(name == quote.meter.key for name, quote in said.quotes.items())
    assert all(parse_meter(n) == q.meter for n, q in said.quotes.items())
    assert not held & said.quotes.keys()
    assert said.unknown <= len(said.quotes) + len(said.problems)


@given(ENTRY, ENTRY)
def test_an_entry_says_the_same_in_any_order(one, other):
    """The order of fields does not change what is believed."""
    entry = one | other
    backwards = dict(reversed(entry.items()))
    said, again = litellm.flatten("x", entry), litellm.flatten("x", backwards)
    assert {k: q.price_nano for k, q in said.quotes.items()} == {
        k: q.price_nano for k, q in again.quotes.items()
    }


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    """No bytes make the parser fail in another way."""
    with contextlib.suppress(UnreadableBody):
        assert litellm.parse(body).entries


def test_a_truncated_map_is_refused_wherever_it_ends():
    """A map cut off at any byte is unreadable, not a smaller map."""
    body = json.dumps({"ü/x": {"mode": "ä", "input_cost_per_token": 1e-6}}).encode()
    for end in range(len(body)):
        with pytest.raises(UnreadableBody, match="litellm map"):
            litellm.parse(body[:end])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b"[{}]",
        b"{}",
        b'{"sample_spec": {"mode": "chat"}}',
        b'{"x": 1, "y": [2]}',
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"x": {"a": 1}} trailing',
        b'{"x": {"a": 01}}',
        b"\xff\xfe\x00",
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda body: f"{body[:24]!r}-{len(body)}",
)
def test_another_document_is_refused_in_one_line(body):
    """What is not a map of models is unreadable, and one line tells why."""
    with pytest.raises(UnreadableBody) as told:
        litellm.parse(body)
    assert str(told.value).startswith("litellm map: ")
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"-Infinity", b"1" + b"0" * 400])
def test_one_odd_number_costs_one_rate(number):
    """A number that is none leaves the rest of the body readable."""
    body = b'{"x": {"input_cost_per_token": %s}, "y": {"cost": 1}}' % number
    document = litellm.parse(body)
    assert list(document.entries) == ["x", "y"]
    assert litellm.flatten("x", document.entries["x"]).quotes == {}
    assert len(litellm.flatten("x", document.entries["x"]).problems) == 1


def test_what_sells_nothing_is_set_aside():
    """Entries that document the map, or are no entries, are named and left out."""
    document = litellm.parse(b'{"sample_spec": {}, "$schema": "x", "gpt": {"a": 1}}')
    assert list(document.entries) == ["gpt"]
    assert document.ignored == ("$schema", "sample_spec")

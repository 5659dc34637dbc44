"""Bodies that nobody would write and somebody will send."""

import json

import pytest

from crawler.pages import litellm
from tracker.domain.errors import UnreadableBody
from tracker.sources.registry import source_named

DEPTH = 1010
"""Deeper than Python recurses, yet not too deep for the quick JSON reader."""


def nested(depth):
    """A list in a list in a list, as JSON."""
    return b"[" * depth + b"]" * depth


def read(body):
    """All that a body says, or why it cannot be read."""
    source = source_named("litellm")
    try:
        document = source.parse(body)
        return {key: source.flatten(key, e) for key, e in document.entries.items()}
    except UnreadableBody as fault:
        return str(fault)


@pytest.mark.parametrize("depth", [200, 300, 450])
@pytest.mark.parametrize("name", [b"notes", b"input_cost_per_token", b"zap_cost"])
def test_deep_nesting_costs_one_field(name, depth):
    """A value nested without reason leaves the prices beside it readable."""
    body = b'{"x": {"output_cost_per_token": 0, "%s": %s}}' % (name, nested(depth))
    assert list(read(body)["x"].quotes) == ["output"]


@pytest.mark.parametrize("name", [b"notes", b"input_cost_per_token", b"zap_cost"])
def test_nesting_beyond_python_is_read_or_refused(name):
    """A body nested deeper than Python recurses is refused, or read all the same."""
    body = b'{"x": {"output_cost_per_token": 0, "%s": %s}}' % (name, nested(DEPTH))
    assert read(body)


@pytest.mark.parametrize(
    "keys", [["x", "x"], ["x", *(f"k{n}" for n in range(300))]], ids=["twice", "many"]
)
def test_nesting_beyond_python_in_a_body_of_many_keys(keys):
    """Deep nesting is answered in one line where duplicates are looked for, too."""
    pairs = b",".join(b'"%s":{"a":%s}' % (k.encode(), nested(DEPTH)) for k in keys[:2])
    rest = b"".join(b',"%s":{"a":1}' % k.encode() for k in keys[2:])
    assert read(b"{" + pairs + rest + b"}")


@pytest.mark.parametrize(
    "body",
    [b'{"\\ud800": {"a": 1}}', b'{"\xed\xa0\x80": {"a": 1}}'],
    ids=["escaped", "raw"],
)
def test_a_key_that_is_no_text_is_read_or_refused(body):
    """A key with half a character in it does not make the parser fail."""
    assert read(body)


@pytest.mark.parametrize(
    "entry",
    [
        {"mode": "\ud800"},
        {"litellm_provider": "\udfff"},
        {"\ud800": 1},
        {"guardrail_cost_per_unit": {"\ud800": 1}},
        {"zap\ud800_cost": 1},
        {"input_cost_per_token": "\ud800"},
    ],
    ids=["fact", "provider", "name", "policy", "field", "price"],
)
def test_all_that_is_read_can_be_stored(entry):
    """Every text of a statement is text that a database takes."""
    said = read(json.dumps({"x": entry}).encode())
    texts = [said] if isinstance(said, str) else list(texts_of(said["x"]))
    assert [text.encode().decode() for text in texts] == texts


def texts_of(said):
    """Every text that a statement would store."""
    yield from (said.offer.provider, said.offer.model, said.offer.region)
    for name, value in said.facts.items():
        yield from (name, value)
    for quote in said.quotes.values():
        yield from (quote.field, quote.raw, *sum(quote.meter.qualifiers, ()))
    for problem in said.problems:
        yield from (problem.field, problem.raw)


def test_a_number_without_end_costs_one_rate():
    """A number of five thousand digits leaves the rest of the body readable."""
    body = b'{"x": {"input_cost_per_token": 1%s}, "y": {"a": 1}}' % (b"0" * 5000)
    assert list(litellm.parse(body).entries) == ["x", "y"]


@pytest.mark.parametrize(
    "field", ["guardrail_cost_per_unit", "search_context_cost_per_query"]
)
def test_an_empty_name_makes_a_meter_that_can_be_read(field):
    """A nested price without a name is kept under a key that can be read back."""
    from tracker.domain.meters import parse_meter

    ((key, quote),) = read(b'{"x": {"%s": {"": 1}}}' % field.encode())[
        "x"
    ].quotes.items()
    assert parse_meter(key) == quote.meter


def test_a_long_value_is_cut_openly():
    """A value too long to keep says how long it was; a bad price is cut as well."""
    long = "x" * 10_000
    said = litellm.flatten("x", {"notes": long, "input_cost_per_token": long})
    assert said.facts["notes"].endswith("… (10000 characters)")
    assert len(said.facts["notes"]) < 5000
    assert len(said.problems[0].raw) <= 200

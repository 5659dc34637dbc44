"""Meters and their keys: inverse to each other, and forgiving to nobody."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.domain.errors import UsageError
from tracker.domain.meters import (
    MILLION,
    Meter,
    parse_meter,
    per_text,
    tokens_number,
    tokens_text,
    unknown_meter,
)

WORD = st.from_regex(r"[a-z0-9_]+", fullmatch=True)
TEXT = st.text(min_size=1, max_size=12)
QUALIFIERS = st.sets(st.tuples(WORD | TEXT, TEXT), max_size=3).map(
    lambda pairs: tuple(sorted(pairs))
)
CONTEXT = st.integers(0, 10**9) | st.integers(1, 2000).map(lambda k: k * 1000)
METERS = st.builds(Meter, WORD, WORD, WORD, CONTEXT, QUALIFIERS)

EXAMPLES = {
    "input": Meter("input"),
    "output": Meter("output"),
    "cache_read": Meter("cache_read"),
    "input+batch": Meter("input", tier="batch"),
    "input@>200k": Meter("input", context_above=200_000),
    "output.audio_token": Meter("output", "audio_token"),
    "cache_write;ttl=1h": Meter("cache_write", qualifiers=(("ttl", "1h"),)),
    "input+priority@>272k": Meter("input", tier="priority", context_above=272_000),
}


@pytest.mark.parametrize("key", EXAMPLES)
def test_the_keys_people_are_promised(key):
    """The documented keys mean what the documentation says, both ways."""
    assert parse_meter(key) == EXAMPLES[key]
    assert EXAMPLES[key].key == key


@given(METERS)
@example(Meter("input", qualifiers=(("a;b=c%", "d;e=f%25"),)))
@example(Meter("input", qualifiers=(("größe", "日本 \n\0"),)))
@example(Meter("input", qualifiers=(("lone", "\ud800"),)))
@example(Meter("input", qualifiers=(("quality", "hd"), ("quality", "low"))))
@example(Meter("input", context_above=131_072))
def test_a_meter_reads_back_from_its_key(meter):
    """Every meter is found again by its key, whatever its qualifiers hold."""
    assert parse_meter(meter.key) == meter


@given(METERS, METERS)
def test_two_meters_never_share_a_key(one, other):
    """Keys are equal only if meters are."""
    assert (one.key == other.key) == (one == other)


@given(METERS.map(lambda meter: meter.key))
def test_a_canonical_key_stays_as_it_is(key):
    """Reading and writing a key changes nothing of it."""
    assert parse_meter(key).key == key


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("input.token", "input"),
        ("input+standard", "input"),
        ("input@>0", "input"),
        ("input@>1000k", "input@>1m"),
        ("input@>200000", "input@>200k"),
        ("input;b=2;a=1", "input;a=1;b=2"),
        ("input;a=1;a=1", "input;a=1"),
        ("input;a=%41", "input;a=A"),
    ],
)
def test_other_ways_to_write_a_key_end_on_the_same(written, canonical):
    """A key may be written out in full; it is stored in one form only."""
    assert parse_meter(written).key == canonical


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "Input",
        "input ",
        "input\n",
        "input.",
        "input..token",
        "input+",
        "input@200k",
        "input@>",
        "input@>200x",
        "input@>-1",
        "input;ttl",
        "input;=1",
        "input;ttl=1h;",
        "input;ttl=1=2",
        "input;größe=1",
        "@>200k",
        "input@>200k+batch",
    ],
    ids=repr,
)
def test_a_bad_key_is_answered_with_advice(key):
    """What is no meter is refused in words that show what one looks like."""
    with pytest.raises(UsageError, match=r"is not a meter; meters look like input"):
        parse_meter(key)


@pytest.mark.parametrize("key", ["input;a=%FF", "input@>" + "9" * 5000], ids=len)
def test_a_key_that_only_looks_like_one_is_answered_with_advice(key):
    """Bytes that are no text and numbers without end are refused like other typos."""
    with pytest.raises(UsageError):
        parse_meter(key)


def test_an_empty_qualifier_is_written_readably():
    """A qualifier whose value is empty has a key that can be read back."""
    meter = Meter("guardrail", "unit", qualifiers=(("policy", ""),))
    assert parse_meter(meter.key) == meter


@pytest.mark.parametrize(
    "wrong", [{"component": "In"}, {"unit": ""}, {"tier": "a+b"}, {"component": "é"}]
)
def test_a_meter_is_made_of_plain_words(wrong):
    """Component, unit and tier hold nothing that a key could not."""
    with pytest.raises(ValueError, match="not a meter word"):
        Meter(**{"component": "input", **wrong})


@pytest.mark.parametrize(
    "pairs", [(("b", "1"), ("a", "1")), (("a", "1"), ("a", "1"))], ids=str
)
def test_qualifiers_come_sorted_and_once(pairs):
    """A meter has one order of qualifiers, so that equal ones are equal."""
    with pytest.raises(ValueError, match="not sorted"):
        Meter("input", qualifiers=pairs)


@given(METERS, QUALIFIERS)
def test_further_qualifiers_are_merged(meter, extra):
    """Qualifying adds what is new and keeps the rest."""
    more = meter.qualified(extra)
    assert set(more.qualifiers) == {*meter.qualifiers, *extra}
    assert more.qualified(extra) == more


@pytest.mark.parametrize(
    ("unit", "quantum", "words"),
    [
        ("token", MILLION, "1M token"),
        ("audio_token", MILLION, "1M audio_token"),
        ("character", MILLION, "1M character"),
        ("pixel", MILLION, "1M pixel"),
        ("image", 1, "image"),
        ("second", 1, "second"),
        ("query", 1, "query"),
        ("unknown", 1, "unknown"),
    ],
)
def test_small_units_are_priced_by_the_million(unit, quantum, words):
    """Tokens, characters and pixels are priced per million, all else per one."""
    assert Meter("input", unit).quantum == quantum
    assert per_text(quantum, unit) == words


@given(st.integers(1, 10**12))
def test_context_lengths_read_back(tokens):
    """A context length written short is the same number."""
    assert tokens_number(tokens_text(tokens)) == tokens


@given(TEXT)
def test_an_unread_field_keeps_its_name(name):
    """A field that the grammar cannot read has a meter under its raw name."""
    meter = unknown_meter(name)
    assert (meter.unit, meter.qualifiers) == ("unknown", (("field", name),))
    assert parse_meter(meter.key) == meter

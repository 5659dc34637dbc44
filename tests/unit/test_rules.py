"""The judge's rules, each by the real case it comes from and its nearest neighbour."""

import pytest

from tests.support.books import FLAP, MOVE, book, instant, one, verdict, wrong
from tracker.domain.judge import judge


@pytest.mark.parametrize(
    ("story", "nth", "expected"),
    [
        ("0:0 30:5", 0, wrong("placeholder_filled")),
        ("0:0 700:5", 0, wrong("placeholder_filled")),
        ("0:3 100:0 300:5", 1, MOVE),
    ],
)
def test_a_placeholder_is_filled_once(story, nth, expected):
    """Models of perplexity stood at zero until 2024-11-28: their first price, at any
    age, is no rise; a price after a free time is.
    """
    assert verdict(one(story), nth=nth) == expected


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("0:1800 100:1.8", wrong("unit_error")),
        ("0:2690 100:0.269", wrong("unit_error")),
        ("0:0.3 100:30", wrong("unit_error")),
        ("0:1 100:12.6", wrong("unit_error")),
        ("0:1 100:12.4", MOVE),
        ("0:12 100:1", MOVE),
        ("0:1 100:0.08", MOVE),
        ("0:1 100:0.079", wrong("unit_error")),
        ("0:1 100:10", wrong("unit_error")),
        ("0:1 100:0.1", wrong("unit_error")),
        ("0:1 100:11", MOVE),
        ("0:1 100:9.9", MOVE),
    ],
)
def test_a_unit_error_is_beyond_any_move(story, expected):
    """A thousandth on watsonx (2025-10-18), a ten-thousandth on novita (2026-01-18),
    ten times on Llama 3.2 at Bedrock: units; a twelvefold price is dear but possible.
    """
    assert verdict(one(story)) == expected


@pytest.mark.parametrize(
    ("witness", "expected"),
    [("0:0.3", ("held", "to_zero")), ("0:0.3 90:0", MOVE), ("0:0.3 110:0", None)],
)
def test_a_drop_to_zero_waits_for_a_witness(witness, expected):
    """Output of gemini-1.5-flash went from 0.3 to 0 on 2026-03-13: free or unknown?"""
    told = one("0:0.3 100:0") | {"models-dev acme/m": {"input": witness}}
    assert verdict(told) == (expected or ("held", "to_zero"))


def test_free_for_a_week_is_a_flap():
    """A price that is zero in one map and back in the next has not moved."""
    assert verdict(one("0:3 100:0 107:3")) == FLAP


@pytest.mark.parametrize(
    ("key", "other", "expected"),
    [
        ("acme/opus-latest", {"input": "0:0.5", "output": "0:2.5"}, MOVE),
        ("acme/~opus", {"input": "0:0.5", "output": "0:2.5"}, MOVE),
        ("acme/opus-latest", {"input": "0:0.5", "output": "0:2"}, wrong("unit_error")),
        ("acme/opus-latest", {"input": "0:0.5"}, wrong("unit_error")),
        ("acme/opus-4", {"input": "0:0.5", "output": "0:2.5"}, wrong("unit_error")),
    ],
)
def test_an_alias_may_point_at_a_tenth(key, other, expected):
    """An alias whose whole new card is another listed model's was repointed."""
    told = one("0:5 100:0.5", key=key, output="0:25 100:2.5")
    assert verdict({**told, "litellm acme/haiku": other}) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("8.333e-05", "8.33333e-05", wrong("rounding")),
        ("1.38", "1.375", wrong("rounding")),
        ("0.08", "0.075", wrong("rounding")),
        ("2", "2.0039", wrong("rounding")),
        ("2", "2.1", wrong("rounding")),
        ("2.1", "2.2", MOVE),
        ("0.08", "0.074", MOVE),
        ("3", "3.25", MOVE),
        ("2.75", "2.5", MOVE),
    ],
)
def test_a_price_written_shorter_is_the_same_price(old, new, expected):
    """0.08 for 0.075 and a DBU's conversion noise are one price; 2.1 and 2.2 two."""
    assert verdict(one(f"0:{old} 100:{new}")) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((4, 1), (1, 4), wrong("column_slip")),
        ((1.41, 0.35), (0.25, 1), wrong("column_slip")),
        ((1, 4), (2, 3), MOVE),
        ((1, 4), (4, 4), MOVE),
        ((1, 1), (2, 2), MOVE),
    ],
)
def test_input_and_output_the_wrong_way_up(before, after, expected):
    """A card swapped from birth, and 1.41/0.35 that became 0.25/1, were slips."""
    (a, b), (c, d) = before, after
    told = one(f"0:{a} 100:{c}", output=f"0:{b} 100:{d}")
    assert verdict(told) == expected


@pytest.mark.parametrize(
    ("cache", "price", "expected"),
    [
        ("0:4 100:0.4", "0:4", wrong("unit_error")),
        ("0:4 100:0.5", "0:4", wrong("column_slip")),
        ("0:0.5 100:4", "0:4", wrong("column_slip")),
        ("0:0.4 100:0.3", "0:4", MOVE),
        ("0:0.4 100:0.2", "0:4 100:2", MOVE),
        ("0:4 100:3", "", MOVE),
    ],
)
def test_a_cached_price_is_below_the_input(cache, price, expected):
    """gpt-realtime's cached text stood at the uncached 4 dollars; a cut of the whole
    card, or of a discount, is a move.
    """
    card = {"cache_read": cache} | ({"input": price} if price else {})
    assert verdict({"litellm acme/m": card}, "cache_read") == expected


@pytest.mark.parametrize(
    ("story", "nth", "expected"),
    [
        ("0:3 100:2.7 107:3", 0, FLAP),
        ("0:3 100:2.7 107:3", 1, FLAP),
        ("0:3 100:2.7 156:3", 0, FLAP),
        ("0:3 100:2.7 157:3", 0, MOVE),
        ("0:3 100:2.7 157:3", 1, MOVE),
        ("0:3 100:2.7 107:3.1", 0, MOVE),
        ("0:3 100:2.7 104:- 107:3", 0, MOVE),
    ],
)
def test_there_and_back_in_eight_weeks(story, nth, expected):
    """A cloud's claude at 3, 2.7, 3 within a week: both legs; after 57 days none."""
    assert verdict(one(story), nth=nth) == expected


def test_both_legs_of_a_flap_are_one():
    """A model gone between its two prices flaps on both legs, or on neither."""
    told = one("0:3 100:2.7 104:- 107:3")
    assert verdict(told, nth=0) == verdict(told, nth=1)


def test_at_first_call_the_way_out_is_a_move():
    """Before a price has come back nobody can know that it will."""
    told = one("0:3 100:2.7 107:3")
    assert verdict(told, hindsight=False) == MOVE
    assert verdict(told, nth=1, hindsight=False) == FLAP


@pytest.mark.parametrize(
    ("source", "key", "expected"),
    [
        ("models-dev", "acme/m", MOVE),
        ("models-dev", "acme/m2", FLAP),
        ("openrouter", "openrouter/openai/m", FLAP),
    ],
)
def test_a_sale_that_another_source_shows_is_real(source, key, expected):
    """A fortnight at 40 % off is a move if a source of this very offer shows it."""
    told = one("0:0.15 100:0.09 114:0.15") | {
        f"{source} {key}": {"input": "0:0.15 101:0.09 115:0.15"}
    }
    assert verdict(told) == expected


@pytest.mark.parametrize(("heard", "expected"), [(90, FLAP), (100, FLAP), (101, MOVE)])
def test_a_source_vouches_for_nothing_after_its_last_word(heard, expected):
    """A source that was last heard before a sale, at its price, has not shown it."""
    told = one("0:0.15 100:0.09 114:0.15") | {"models-dev acme/m": {"input": "0:0.09"}}
    said = book(told)
    said.last_at = {**said.last_at, "models-dev": instant(heard)}
    first = said.steps[0]
    assert (judge(said)[first.id].verdict, first.key) == (expected[0], "acme/m")


@pytest.mark.parametrize(
    ("story", "nth", "expected"),
    [
        ("0:0.1 100:0.71 107:0.2", 0, FLAP),
        ("0:0.1 100:0.71 108:0.2", 0, FLAP),
        ("0:0.1 100:0.71 109:0.2", 0, MOVE),
        ("0:0.1 100:0.71", 0, MOVE),
        ("0:0.1 80:0.59 100:0.71 120:0.59", 1, FLAP),
        ("0:0.1 60:0.71 100:0.59 120:0.1", 1, FLAP),
        ("0:0.1 30:0.71 100:0.59 120:0.1", 1, MOVE),
    ],
)
def test_a_routed_price_must_settle(story, nth, expected):
    """OpenRouter's default endpoints change: what is gone by the next capture, or
    lies between two visits of one price, is no move.
    """
    assert verdict(one(story, key="openrouter/x/m"), nth=nth) == expected


@pytest.mark.parametrize(
    ("meter", "story", "text", "expected"),
    [
        ("output.image_token", "0:2.5 100:20", "0:2.5", wrong("column_slip")),
        ("output.audio_token", "0:20 100:2.5", "0:2.5", wrong("column_slip")),
        ("output.audio_token", "0:20 100:10", "0:2.5", MOVE),
        ("output.audio_token", "0:2.5 100:1.25", "0:2.5 100:1.25", MOVE),
    ],
)
def test_a_text_price_in_an_audio_field(meter, story, text, expected):
    """2.5 Flash's text price of 2.5 stood for its image output, which cost more."""
    told = {"litellm acme/m": {meter: story, "output": text}}
    assert verdict(told, meter) == expected


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({"input": "0:15 100:3", "output": "0:15"}, wrong("column_slip")),
        ({"input": "0:15 100:6", "output": "0:15"}, MOVE),
        ({"input": "0:2.5 100:1.25", "input@>200k": "0:2.5"}, wrong("column_slip")),
        ({"input": "0:2.5 100:1.25", "input@>200k": "0:2.5 100:2"}, MOVE),
        ({"input": "0:2.5 100:1.25", "input+batch": "0:1.25"}, MOVE),
        ({"input": "0:2.5 100:1.25", "input+batch@>200k": "0:2.5"}, MOVE),
    ],
)
def test_another_columns_price(card, expected):
    """2.5, the price above 200k, stood in the plain field; a true halving to the
    key's own batch price is a move.
    """
    assert verdict({"litellm acme/m": card}) == expected


def test_a_column_slip_seen_at_another_seller():
    """Another seller of the model has the new price plain and the old one above."""
    peer = {"input": "0:1.25", "input@>200k": "0:2.5"}
    told = one("0:2.5 100:1.25", key="acme/pro-3")
    assert verdict({**told, "litellm b/pro-3": peer}) == wrong("column_slip")
    assert verdict({**told, "litellm b/pro-4": peer}) == MOVE


@pytest.mark.parametrize(
    ("tier", "base", "expected"),
    [
        ("0:2.5 100:2.225", "0:5", wrong("guessed")),
        ("0:2.5 100:2", "0:5 100:4", MOVE),
        ("0:2.5 100:2", "0:5 70:4", wrong("guessed")),
    ],
)
def test_a_tier_that_moves_alone_was_derived(tier, base, expected):
    """Batch at half the price was a guess where OpenAI lists 2.225."""
    told = {"litellm openai/m": {"input+batch": tier, "input": base}}
    assert verdict(told, "input+batch") == expected


@pytest.mark.parametrize(
    ("key", "story", "maker", "expected"),
    [
        ("azure/gpt-4o", "0:2.75 100:2.5", "0:2.5", wrong("copied")),
        ("azure/gpt-4o@eu", "0:2.5 500:2.75", "0:2.5", wrong("copied")),
        ("bedrock/gpt-4o", "0:0.6 100:0.726", "0:0.6", wrong("copied")),
        ("azure/gpt-4o", "0:2.75 100:2.5", "0:2.75 90:2.5", MOVE),
        ("azure/gpt-4o", "0:2.75 100:2.5", "0:2.75 30:2.5", wrong("copied")),
        ("acme/gpt-4o", "0:2.75 100:2.5", "0:2.5", MOVE),
        ("azure/gpt-4o", "0:2.75 100:2.4", "0:2.75", MOVE),
    ],
)
def test_a_regions_surcharge_is_no_move(key, story, maker, expected):
    """On azure gpt-4o went from 2.75, the Data Zone price, to 2.5 while OpenAI's own
    stood still; where the maker moves alike, or nobody sells by region, it is a move.
    """
    told = one(story, key=key) | {"litellm openai/gpt-4o": {"input": maker}}
    assert verdict(told) == expected


@pytest.mark.parametrize(
    ("steady", "expected"),
    [
        ("0:0.72", wrong("copied")),
        ("50:0.72", MOVE),
        ("0:0.99 20:0.72", MOVE),
        ("0:0.72 90:0.8", MOVE),
    ],
)
def test_another_regions_price(steady, expected):
    """A Bedrock region took the price of one region for that of another, and both
    were on record all the time.
    """
    told = one("0:0.99 100:0.72", key="bedrock/llama3@us-east-1") | {
        "litellm bedrock/llama3@us-west-2": {"input": steady},
        "litellm bedrock/llama3@eu-west-1": {"input": "0:0.99"},
    }
    assert verdict(told) == expected

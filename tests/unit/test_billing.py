"""Bills: which rate is taken for what, and what is never billed as nothing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.billing import (
    Bill,
    Rate,
    Terms,
    Unbillable,
    Usage,
    added,
    bill,
    card,
)
from tracker.domain.meters import parse_meter
from tracker.domain.windows import is_off_peak

CARD = {
    "input": "2.5",
    "output": "10",
    "cache_read": "1.25",
    "input+batch": "1.25",
    "output+batch": "5",
    "input@>200k": "5",
    "output@>200k": "15",
    "cache_write;ttl=1h": "99",
    "input.image": "77",
}


def rates(stated, currency="USD"):
    """A card of prices in dollars per million tokens."""
    return card(
        Rate(parse_meter(key), round(Decimal(usd) * 10**9), currency)
        for key, usd in stated.items()
    )


def billed(stated=None, *, terms=None, **tokens) -> Bill:
    """What tokens cost at a card."""
    found = rates(CARD if stated is None else stated)
    return bill(Usage(**tokens), found, terms or Terms())


def lines(made):
    """The lines of a bill: what, how many, by which meter."""
    return [(line.part, line.tokens, line.rate.meter.key) for line in made.lines]


def test_parts_of_the_input_are_not_billed_twice():
    """Cached tokens are a part of the input, not beside it."""
    made = billed(input=1000, cached=400, output=100)
    assert lines(made) == [
        ("input", 600, "input"),
        ("cached", 400, "cache_read"),
        ("output", 100, "output"),
    ]
    assert made.usd == Decimal("0.0015") + Decimal("0.0005") + Decimal("0.001")


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ({"input": 10, "cached": 8, "cache_write": 3}, "(11 of 10)"),
        ({"output": 5, "reasoning": 6}, "(6 of 5)"),
        ({"input": -1}, "input is negative: -1"),
        ({"input": 1, "requests": 0}, "requests has to be 1 or more"),
    ],
)
def test_usage_that_does_not_add_up_is_refused(tokens, words):
    """More parts than the whole, or fewer than none, is no usage."""
    with pytest.raises(Unbillable) as fault:
        Usage(**tokens)
    assert words in str(fault.value)


@pytest.mark.parametrize(
    ("tokens", "meter"),
    [(200_000, "input"), (200_001, "input@>200k"), (900_000, "input@>200k")],
)
def test_a_long_prompt_takes_the_long_context_rate_for_all_of_it(tokens, meter):
    """The threshold is passed above it, and then the whole request is dearer."""
    made = billed(input=tokens, output=10)
    assert lines(made)[0] == ("input", tokens, meter)
    assert (made.lines[1].rate.meter.key == "output") == (meter == "input")


def test_some_providers_mean_from_the_threshold_on():
    """With `reaching`, a prompt of exactly the threshold is a long one."""
    made = billed(input=200_000, terms=Terms(reaching=True))
    assert lines(made) == [("input", 200_000, "input@>200k")]


def test_the_context_is_that_of_one_request():
    """The sum of many short prompts is no long one."""
    made = billed(input=2_000_000, output=10, requests=100)
    assert lines(made)[0] == ("input", 2_000_000, "input")


def test_a_tier_takes_its_own_rates():
    """A tier's rates are taken where it has them, and standard's where not, said so."""
    made = billed(input=1000, cached=400, output=100, terms=Terms(tier="batch"))
    assert lines(made) == [
        ("input", 600, "input+batch"),
        ("cached", 400, "cache_read"),
        ("output", 100, "output+batch"),
    ]
    assert [line.note for line in made.lines] == [
        "",
        "no batch rate; billed as standard",
        "",
    ]


def test_a_tier_that_is_not_there_is_an_error_that_names_those_that_are():
    """No tier is taken for another one."""
    with pytest.raises(Unbillable, match="no tier 'turbo'; it has: standard, batch"):
        billed(input=1, terms=Terms(tier="turbo"))


def test_what_has_no_rate_is_missing_and_there_is_no_sum():
    """Tokens without a rate are listed, and are no part of a sum."""
    made = billed({"input": "1"}, input=10, output=5)
    assert [(gap.part, gap.tokens, gap.why) for gap in made.missing] == [
        ("output", 5, "no rate for output")
    ]
    assert made.usd is None


def test_another_currency_is_not_converted():
    """A price in another currency is no price in dollars, and says so."""
    made = bill(Usage(input=10, cached=4), rates({"input": "1"}, "CNY"), Terms())
    assert {gap.why for gap in made.missing} == {"priced in CNY, not in dollars"}
    assert made.usd is None


def test_free_is_a_price():
    """A rate of zero is billed, at nothing."""
    made = billed({"input": "0", "output": "0"}, input=10, output=5)
    assert made.usd == 0
    assert len(made.lines) == 2


def test_what_is_not_priced_apart_is_billed_as_what_it_is_a_kind_of():
    """Cached and audio tokens are input, reasoning is output; the first says so."""
    given_ = {"input": 100, "cached": 10, "cache_write": 20, "audio_in": 30}
    made = billed({"input": "1", "output": "2"}, **given_, output=9, reasoning=4)
    assert {line.part: line.rate.meter.key for line in made.lines} == {
        **dict.fromkeys(given_, "input"),
        **dict.fromkeys(("output", "reasoning"), "output"),
    }
    notes = {line.part: line.note for line in made.lines}
    assert notes["cached"] == "no rate for cached; billed as input"
    assert notes["reasoning"] == ""


def test_a_price_of_reasoning_holds_for_reasoning():
    """Reasoning has its own price where there is one; a tier's answer goes before."""
    stated = {"output": "2", "reasoning": "3", "output+flex": "1"}
    assert lines(billed(stated, output=9, reasoning=4)) == [
        ("output", 5, "output"),
        ("reasoning", 4, "reasoning"),
    ]
    made = billed(stated, output=9, reasoning=4, terms=Terms(tier="flex"))
    assert lines(made)[1] == ("reasoning", 4, "output+flex")


def test_an_off_peak_rate_replaces_any_other():
    """While the window is open its rates hold, for long prompts too."""
    stated = {**CARD, "input;window=off_peak": "1"}
    made = billed(stated, input=300_000, output=10, terms=Terms(off_peak=True))
    assert lines(made) == [
        ("input", 300_000, "input;window=off_peak"),
        ("output", 10, "output@>200k"),
    ]


def test_a_factor_multiplies_every_line():
    """A region's uplift is exact, and named."""
    made = billed(
        input=1_000_000, terms=Terms(factor=Decimal("1.1"), why="in eu"), requests=10
    )
    assert made.usd == Decimal("2.75")
    assert made.lines[0].note == "×1.1 in eu"


@given(
    st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**15), st.data()
)
def test_a_bill_is_exact(text, nano, answer, data):
    """A sum is the exact product of whole numbers, whatever their size."""
    cached = data.draw(st.integers(0, text))
    made = bill(
        Usage(input=text, cached=cached, output=answer, requests=10**9),
        card(
            Rate(parse_meter(key), nano + n)
            for n, key in enumerate(("input", "cache_read", "output"))
        ),
        Terms(),
    )
    whole = (text - cached) * nano + cached * (nano + 1) + answer * (nano + 2)
    assert made.usd is not None
    assert int(made.usd.scaleb(15)) == whole
    assert added(line.usd for line in made.lines) == made.usd


DEEPSEEK = {
    "weekday_timezone": "Asia/Shanghai",
    "windows": [
        {"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 2, 3, 4, 5]},
        {"hours_utc": "00:00-00:00", "weekdays": ["sat", "Sunday"]},
    ],
}


@pytest.mark.parametrize(
    ("rule", "at", "open_"),
    [
        ({"hours_utc": "16:30-00:30"}, "2026-11-18T16:30", True),
        ({"hours_utc": "16:30-00:30"}, "2026-11-18T00:29", True),
        ({"hours_utc": "16:30-00:30"}, "2026-11-18T00:30", False),
        ({"hours_utc": ["01:00-02:00", "03:00-04:00"]}, "2026-11-18T03:59", True),
        ({"hours_utc": ["01:00-02:00", "03:00-04:00"]}, "2026-11-18T02:00", False),
        (DEEPSEEK, "2026-11-18T00:30", True),
        (DEEPSEEK, "2026-11-18T09:59", False),
        (DEEPSEEK, "2026-11-18T10:00", True),
        (DEEPSEEK, "2026-11-21T09:00", True),
        # Friday 17:00 in London is Saturday in Shanghai.
        (DEEPSEEK, "2026-11-20T17:00", True),
        ({"hours_utc": "25:00-26:00"}, "2026-11-18T01:00", False),
        ({"hours_utc": 7, "windows": [3, {"weekdays": "mon"}]}, "2026-11-18", False),
        ({"windows": "x", "weekday_timezone": "Nowhere/At_All"}, "2026-11-18", False),
        ({}, "2026-11-18", False),
    ],
)
def test_windows_open_and_close_as_they_are_written(rule, at, open_):
    """A window holds its start and not its end; what is not a rule opens nothing."""
    assert is_off_peak(rule, datetime.fromisoformat(at).replace(tzinfo=UTC)) is open_

"""`pricetrail compare`: models side by side."""

import csv
import io
import json

import pytest
from freezegun import freeze_time

from tests.support.maps import KEY, edited, small_map, without

NOW = "2026-01-12T00:00:00Z"
FIRST = "openai/model-00"


@pytest.fixture(name="shop")
def _shop(trail):
    """Models that can read pictures, one of which became cheaper."""
    first = edited(small_map(), KEY, supports_vision=True, max_output_tokens=4096)
    first = edited(first, "acme/model-07", supports_vision=True)
    trail.sync(first, "2026-01-04")
    cut = {"input_cost_per_token": 5.05e-7, "output_cost_per_token": 2.02e-6}
    trail.sync(edited(first, KEY, **cut), "2026-01-11")
    return trail


def compared(trail, *words):
    """The rows of a comparison."""
    with freeze_time(NOW):
        ran = trail("compare", *words, "--format", "json")
    assert ran.code == 0, ran.text
    return json.loads(ran.out)


def test_rates_limits_and_capabilities_stand_in_one_row(shop):
    """A row has the card, the ratio, what it can, and all rates by meter."""
    (row,) = compared(shop, KEY)
    assert (row["input_usd"], row["output_usd"]) == ("0.505", "2.02")
    assert row["output_input_ratio"] == "4"
    assert (row["max_input_tokens"], row["max_output_tokens"]) == (128000, 4096)
    assert row["capabilities"] == ["cache", "vision"]
    assert row["rates"] == {"cache_read": "0.101", "input": "0.505", "output": "2.02"}


def test_a_typical_conversation_is_priced(shop):
    """600 tokens in and 200 out, or what is asked for."""
    (row,) = compared(shop, FIRST)
    assert row["conversation_usd"] == "0.0014"
    (row,) = compared(shop, FIRST, "--in", "1000000", "--out", "0")
    assert row["conversation_usd"] == "1"


def test_the_last_move_is_told(shop):
    """When prices last really moved, which, and how far; null if they never did."""
    moved, stable = compared(shop, KEY, FIRST)
    assert moved["last_move"] == "2026-01-11: input -50.0 %, output -50.0 %"
    assert moved["last_move_at"] == "2026-01-11T00:00:00Z"
    assert (stable["last_move"], stable["last_move_at"]) == (None, None)


def test_the_cheapest_alike_can_all_that_it_can(shop):
    """It is compared with offers of its mode that can as much and take as much."""
    dear, cheap, plain = compared(shop, "acme/model-07", KEY, FIRST)
    assert (dear["place"], dear["alike"]) == (2, 2)
    assert dear["cheapest_alike"] == KEY
    assert dear["cheapest_alike_usd"] == "0.000707"
    assert (cheap["place"], cheap["cheapest_alike"]) == (1, None)
    assert plain["cheapest_alike"] == KEY


def test_models_are_shown_side_by_side(shop):
    """A person sees a column for each model and only lines that say something."""
    with freeze_time(NOW):
        ran = shop("compare", KEY, FIRST, KEY)
    assert ran.code == 0
    assert ran.out.count(KEY) == 1 + 1
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["input", "$0.505", "$1.00"] in lines
    assert ["600", "in,", "200", "out", "$0.000707", "$0.0014"] in lines
    assert ["context", "128,000", "128,000"] in lines
    assert "to be retired" not in ran.out


def test_csv_has_one_line_for_each(shop):
    """Lists are written as words, rates as pairs."""
    with freeze_time(NOW):
        ran = shop("compare", KEY, FIRST, "--format", "csv")
    first, second = csv.DictReader(io.StringIO(ran.out))
    assert first["capabilities"] == "cache vision"
    assert second["rates"] == "cache_read=0.1 input=1 output=4"


def test_what_is_billed_otherwise_is_shown_as_it_is(shop):
    """A model priced by the image has its rate and no conversation."""
    (row,) = compared(shop, "hooli/model-59")
    assert (row["conversation_usd"], row["place"]) == (None, None)
    assert row["rates"] == {"output.image": "0.4"}
    with freeze_time(NOW):
        assert "$0.40/image" in shop("compare", "hooli/model-59").out


def test_another_currency_is_never_taken_for_dollars(shop):
    """Rates in units of another kind keep their name."""
    with freeze_time(NOW):
        ran = shop("compare", "databricks/dbrx-60")
    assert "13.00 DBU" in ran.out or "DBU" in ran.out
    assert "$13" not in ran.out


def test_what_is_no_longer_sold_is_refused(shop):
    """A model that is gone has a history and no price to compare."""
    gone = without(small_map(), KEY)
    shop.sync(gone, "2026-01-18")
    shop.sync(edited(gone, FIRST, max_input_tokens=9), "2026-01-25")
    ran = shop("compare", KEY)
    assert ran.code == 2
    assert f"{KEY} has no price today; its past: pricetrail history {KEY}" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("acme/model-1",), "did you mean"),
        ((KEY, "--in", "0", "--out", "0"), "a conversation needs tokens"),
        ((KEY, "--in", "-5"), "-5"),
    ],
)
def test_wrong_words_are_refused(shop, words, message):
    """One line, exit 2."""
    ran = shop("compare", *words)
    assert ran.code == 2
    assert message in ran.err
    assert "Traceback" not in ran.text

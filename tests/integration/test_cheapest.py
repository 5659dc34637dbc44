"""`pricetrail cheapest` and the filters of `models`: what fits, cheapest first."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from freezegun import freeze_time

from tests.support.maps import edited, small_map
from tracker.asking.assortment import Sold, capabilities, tokens
from tracker.asking.cheapest import Wanted, cheapest, parsed_mix
from tracker.domain.errors import UsageError
from tracker.domain.offers import Offer

AT = "2026-01-04"
NOW = "2026-01-05T00:00:00Z"
TODAY = date(2026, 1, 5)


def able():
    """The small map, where some models can more, one is free and one has ended."""
    said = edited(small_map(), "acme/model-07", supports_vision=True)
    said = edited(said, "acme/model-13", supports_vision=True, max_input_tokens=32000)
    both = {"supports_vision": True, "supports_function_calling": True}
    said = edited(said, "globex/model-02", **both, supports_pdf_input=False)
    said = edited(said, "openai/model-06", **both)
    free = {"input_cost_per_token": 0, "output_cost_per_token": 0}
    said = edited(said, "openai/model-12", **both, **free)
    said = edited(said, "openai/model-18", deprecation_date="2025-12-31", **both)
    return edited(said, "openai/model-24", mode="responses", **both)


@pytest.fixture(name="shop")
def _shop(trail):
    trail.sync(able(), AT)
    return trail


def ranked(trail, *words):
    """The rows of the ranking, and how the program ended."""
    with freeze_time(NOW):
        ran = trail("cheapest", "--format", "json", "--limit", "0", *words)
    assert ran.code == 0, ran.text
    return json.loads(ran.out)


def names(rows):
    """What was found, in order."""
    return [f"{row['provider']}/{row['model']}" for row in rows]


def test_the_cheapest_comes_first_by_its_blend(shop):
    """Three parts of input and one of output, unless another mix is asked for."""
    first, second = ranked(shop)[:2]
    assert names([first, second]) == ["openai/model-00", "acme/model-01"]
    assert first["blended_usd"] == "1.75"
    assert ranked(shop, "--mix", "1:1")[0]["blended_usd"] == "2.5"
    assert ranked(shop, "--mix", "0:1")[0]["blended_usd"] == "4"


def test_needs_narrow_it_down(shop):
    """All capabilities asked for must be stated; a newer interface counts as chat."""
    both = ["globex/model-02", "openai/model-06", "openai/model-24"]
    assert names(ranked(shop, "--needs", "vision,tools"))[:3] == both
    assert names(ranked(shop, "--needs", "vision, pdf")) == []
    rows = ranked(shop, "--needs", "vision")
    assert "acme/model-13" in names(rows)
    assert rows[0]["capabilities"] == ["cache", "tools", "vision"]


def test_context_and_provider_narrow_it_down(shop):
    """A model with less context, or of another provider, is not shown."""
    found = names(ranked(shop, "--needs", "vision", "--min-context", "128k"))
    assert "acme/model-07" in found
    assert "acme/model-13" not in found
    rows = ranked(shop, "--needs", "vision", "--provider", "acme")
    assert names(rows) == ["acme/model-07", "acme/model-13"]


def test_what_is_free_stands_apart(shop):
    """Free offers follow what costs, marked, and in the table have their own line."""
    rows = ranked(shop, "--needs", "vision,tools")
    assert [row["free"] for row in rows] == [False, False, False, True]
    assert names(rows)[-1] == "openai/model-12"
    with freeze_time(NOW):
        ran = shop("cheapest", "--needs", "vision,tools")
    assert "3 of 3 offers, cheapest first" in ran.out
    assert "stated as free: openai/model-12" in ran.out


def test_what_has_ended_is_left_out_and_counted(shop):
    """A model past its last day is not recommended."""
    assert "openai/model-18" not in names(ranked(shop))
    with freeze_time(NOW):
        ran = shop("cheapest")
    assert "left out: 1 offer past their last day" in ran.out
    assert "20 of 57 offers" in ran.out


def test_a_limit_bounds_what_costs(shop):
    """So many paid offers are shown, as CSV too."""
    with freeze_time(NOW):
        ran = shop("cheapest", "--limit", "2", "--format", "csv")
    rows = [r for r in csv.DictReader(io.StringIO(ran.out)) if r["free"] == "False"]
    assert [row["model"] for row in rows] == ["model-00", "model-01"]
    assert rows[0]["capabilities"] == "cache"


def test_nothing_that_fits_is_said(shop):
    """An empty answer is an answer."""
    with freeze_time(NOW):
        ran = shop("cheapest", "--needs", "video")
    assert (ran.code, ran.out) == (
        0,
        "nothing fits; ask for less, or see: pricetrail models\n",
    )


def test_stale_sources_have_no_place_unless_asked(shop):
    """What only a source says that was not read for long is left out, and counted."""
    later = edited(able(), "acme/model-01", max_input_tokens=5)
    catalogue = {
        "other": {
            "models": {
                f"o-{n}": {
                    "cost": {"input": 0.01, "output": 0.02},
                    "modalities": {"input": ["text"], "output": ["text"]},
                }
                for n in range(120)
            }
        }
    }
    path = str(shop.file(catalogue))
    words = ("--source", "models-dev", "--file", path, "--at", AT)
    assert shop("sync", *words).code == 0
    assert names(ranked(shop))[0].startswith("other/")
    shop.sync(later, "2026-04-05")
    assert names(ranked(shop))[0] == "openai/model-00"
    rows = ranked(shop, "--stale")
    assert names(rows)[0].startswith("other/")
    assert rows[0]["stale"] is True
    with freeze_time(NOW):
        assert "120 offers known only from sources" in shop("cheapest").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--mix", "3"), "is no mix"),
        (("--mix", "0:0"), "is no mix"),
        (("--mix", "-1:1"), "is no mix"),
        (("--mix", "nan:1"), "is no mix"),
        (("--needs", "telepathy"), "nothing is known of 'telepathy'"),
        (("--min-context", "lots"), "is no number of tokens"),
        (("--mode", "chatt"), "no mode 'chatt'"),
        (("--provider", "acne"), "did you mean acme?"),
    ],
)
def test_wrong_words_are_refused(shop, words, message):
    """One line says what can be asked for, and the exit code is 2."""
    ran = shop("cheapest", *words)
    assert ran.code == 2
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_models_can_be_filtered_alike(shop):
    """`models` knows the same needs and contexts."""
    ran = shop("models", "--needs", "vision,tools", "--format", "json")
    wanted = ["model-02", "model-06", "model-12", "model-18", "model-24"]
    assert sorted(row["model"] for row in json.loads(ran.out)) == wanted
    ran = shop("models", "--provider", "acme", "--min-context", "1M")
    assert "no model matches" in ran.out
    assert shop("models", "--needs", "magic").code == 2


def sold(name="m", **said):
    """An offer that fits unless something else is said."""
    prices = {"input": Decimal(1), "output": Decimal(2), "mode": "chat"}
    return Sold(Offer("acme", name), "litellm", **(prices | said))


def test_a_price_that_is_missing_is_not_a_price_of_zero():
    """An offer without a price for output cannot be ranked by it."""
    every = [sold("a", output=None), sold("b")]
    found = cheapest(every, Wanted(), today=TODAY)
    assert [one.sold.offer.model for one in found.paid] == ["b"]
    assert found.left_out == {"without a price in dollars for input or output": 1}
    only_input = Wanted(mix=parsed_mix("1:0"))
    assert len(cheapest(every, only_input, today=TODAY).paid) == 2


def test_a_chat_model_does_not_charge_for_one_side_only():
    """What is called chat and takes nothing for its output is not ranked."""
    found = cheapest([sold(output=Decimal(0))], Wanted(), today=TODAY)
    assert (found.paid, found.free) == ((), ())
    assert sum(found.left_out.values()) == 1


def test_routers_are_known():
    """A price that depends on whom a request is passed on to is marked."""
    assert Sold(Offer("openrouter", "x/y"), "openrouter").routed
    assert not sold().routed


@pytest.mark.parametrize(
    ("text", "count"),
    [(None, 0), ("128k", 128_000), ("1M", 1_000_000), ("200,000", 200_000)],
)
def test_tokens_are_read_as_people_write_them(text, count):
    """Thousands and millions have their letters."""
    assert tokens(text) == count


def test_needs_are_a_list_of_words():
    """Blanks and case do not matter; nothing is no need."""
    assert capabilities(" Vision ,tools,") == {"vision", "tools"}
    assert capabilities(None) == frozenset()
    with pytest.raises(UsageError):
        capabilities("x")

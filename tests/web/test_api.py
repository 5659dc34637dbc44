"""The API says what the command line says, and what is known of one model."""

import pytest

from storage.reading import portrait, queries
from tests.support import maps, showroom
from tests.support.api import (
    DAYS,
    PRICES,
    api,
    ask,
    every,
    filled_url,
    printed,
    served_by,
)
from tests.support.maps import edited
from tracker.domain.addresses import slug
from tracker.domain.offers import Offer
from tracker.web.api import schemas

__all__ = ["api", "filled_url"]


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        ((), {}),
        (("--provider", "acme"), {"provider": "acme"}),
        (("--query", "MODEL-0"), {"q": "MODEL-0"}),
        (("--query", "*/model-?1"), {"q": "*/model-?1"}),
        (("--query", "100%_sure!"), {"q": "100%_sure!"}),
        (("--mode", "image_generation"), {"mode": "image_generation"}),
        (("--needs", "vision"), {"can": "vision"}),
        (("--min-context", "128k"), {"min_context": "128k"}),
        (("--min-context", "128001"), {"min_context": "128001"}),
    ],
)
def test_models_are_those_of_the_command_line(api, words, parameters):
    """The catalogue has the rows that `models` prints, whatever is looked for."""
    rows = every(api, "models", limit=9, **parameters)
    assert rows == printed(api.trail, "models", *words)
    assert rows or words == ("--min-context", "128001")


def test_prices_are_those_of_the_command_line(api):
    """`price` and /prices give the same rows, for today and for any day."""
    cases = {
        (): {},
        ("--at", "2025-01-10"): {"at": "2025-01-10"},
        ("--at", "2025-01-10T06:00:00Z"): {"at": "2025-01-10T06:00:00Z"},
        ("--at", "2024-12-01"): {"at": "2024-12-01"},
        ("--as-published",): {"as_published": "true"},
        ("--as-published", "--at", DAYS[1]): {"as_published": "true", "at": DAYS[1]},
        ("--meter", "input"): {"meter": "input"},
        ("--meter", "output.image"): {"meter": ["output.image", "search"]},
    }
    for words, parameters in cases.items():
        answer = ask(api, "prices", model=maps.KEY, **parameters)
        assert answer["rows"] == printed(api.trail, "price", maps.KEY, *words)
        assert answer["offer"]["name"] == maps.KEY


def test_beliefs_of_then_are_those_of_the_command_line(api):
    """Both say the same of what was believed at a time."""
    known = {row["known_from"] for row in ask(api, "prices", model=maps.KEY)["rows"]}
    for at in ("2025-01-01T00:00:00Z", *sorted(known)):
        answer = ask(api, "prices", model=maps.KEY, known_at=at, at=DAYS[1])
        words = ("price", maps.KEY, "--known-at", at, "--at", DAYS[1])
        assert answer["rows"] == printed(api.trail, *words)
        assert answer["known_at"] == at
    assert known


def test_history_is_that_of_the_command_line(api):
    """`history` and /history give the same periods, believed or of a source."""
    cases = {
        (): {},
        ("--source", "litellm"): {"source": "litellm"},
        ("--since", DAYS[1]): {"since": DAYS[1]},
        ("--until", DAYS[1]): {"until": DAYS[1]},
        ("--meter", "input", "--meter", "output"): {"meter": ["input", "output"]},
    }
    for words, parameters in cases.items():
        rows = every(api, "history", model=maps.KEY, limit=2, **parameters)
        assert rows == printed(api.trail, "history", maps.KEY, *words)


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        ((), {}),
        (("--model", "*model-0?"), {"model": "*model-0?"}),
        (("--model", "acme/100%_sure!"), {"model": "acme/100%_sure!"}),
        (("--model", "*"), {"model": "*"}),
        (("--provider", "globex"), {"provider": "globex"}),
        (("--source", "litellm"), {"source": "litellm"}),
        (("--source", "openrouter"), {"source": "openrouter"}),
        (("--meter", "input"), {"meter": "input"}),
        (("--meter", "output"), {"meter": "output"}),
        (("--verdict", "move"), {"verdict": "move"}),
        (("--kind", "introduced"), {"kind": "introduced"}),
        (
            ("--since", DAYS[1], "--until", DAYS[2]),
            {"since": DAYS[1], "until": DAYS[2]},
        ),
        (("--min-pct", "100"), {"min_pct": "100"}),
        (("--min-pct", "100.01"), {"min_pct": "100.01"}),
        (("--min-pct", "15.84"), {"min_pct": "15.84"}),
        (("--min-pct", "15.841"), {"min_pct": "15.841"}),
        (("--min-pct", "0"), {"min_pct": "0"}),
    ],
)
def test_changes_are_those_of_the_command_line(api, words, parameters):
    """The timeline has the rows that `changes` prints, in its order and the other."""
    wanted = printed(api.trail, "changes", *words)
    assert every(api, "changes", limit=25, order="oldest", **parameters) == wanted
    assert every(api, "changes", limit=25, **parameters) == wanted[::-1]


def test_bills_are_those_of_the_command_line(api):
    """`cost` and /cost give the same lines, also where a part has no rate."""
    cases = (
        {"input": 800, "output": 200, "at": DAYS[1]},
        {"input": 800, "output": 200, "cached": 300, "at": DAYS[0]},
        {"input": 10**12, "output": 3, "reasoning": 1, "at": f"{DAYS[2]}T07:00:00Z"},
        {"input": 5, "audio_in": 5, "at": DAYS[1], "tier": "standard"},
    )
    for usage in cases:
        words = [f"--{n.replace('_', '-')}={v}" for n, v in usage.items()]
        answer = ask(api, "cost", model=maps.KEY, **usage)
        assert answer["rows"] == printed(api.trail, "cost", maps.KEY, *words)
        assert answer["usd"] is not None


def test_sources_are_those_of_the_command_line(api):
    """/sources has every source as `sources` prints it, and whether it counts."""
    rows = ask(api, "sources")["rows"]
    assert all(row.pop("stale") is False for row in rows)
    assert rows == printed(api.trail, "sources")


def test_a_model_is_told_as_the_views_have_it(api):
    """The card and the rates are those of the views, read for one offer only."""
    with api.store.reading() as connection:
        cards = queries.models(connection, {})
        best = queries.rows(connection, "SELECT * FROM best_prices ORDER BY meter")
        for row in cards:
            offer = Offer(row["provider"], row["model"], row["region"])
            mine = [one for one in best if _is(one, offer)]
            assert portrait.rates(connection, offer) == mine
            assert row in portrait.cards(connection, offer.model)


def _is(row, offer):
    return (row["provider"], row["model"], row["region"]) == (
        offer.provider,
        offer.model,
        offer.region,
    )


def test_a_model_says_what_it_can_and_who_says_so(served):
    """Limits, capabilities and the day it ends stand with their source."""
    said = ask(served, f"models/{showroom.STABLE}")
    schemas.ModelAnswer.model_validate(said)
    assert said["offer"]["page"] == f"/models/openai/{showroom.STABLE}/"
    assert (said["card"]["input_usd"], said["card"]["output_usd"]) == ("0.4", "1.6")
    assert said["mode"] == "chat"
    assert {"tools", "vision", "pdf", "cache", "json"} <= set(said["can"])
    limits = {one["name"]: one["value"] for one in said["limits"]}
    assert limits["max_output_tokens"] == 32768
    able = {one["name"]: (one["value"], one["source"]) for one in said["capabilities"]}
    assert able["supports_vision"] == (True, "litellm")
    assert said["retired_on"] == "2027-01-14"


def test_every_offer_is_found_by_the_address_of_its_page(view, served):
    """Whatever is in a name, the path of its page leads to the offer."""
    for offer in view.offers:
        said = ask(served, f"models/{slug(offer)}")
        assert said["offer"]["name"] == offer.text


SHORT = [name for name in showroom.HOSTILE if len(name) < 1000]


@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_name_is_answered_as_it_is(served, name):
    """A name is a parameter like any other, and JSON gives it back unharmed."""
    said = ask(served, "prices", model=name)
    assert said["offer"]["name"] == name
    found = every(served, "changes", model=name.replace("*", "?")[:200], limit=1)
    assert {f"{one['provider']}/{one['model']}" for one in found} <= {name}


def test_an_address_goes_before_a_name_with_an_at(trail):
    """`x@eu` in an address is the region; the model that is called so has its own."""
    said = edited(maps.small_map(), "azure/gpt@eu", litellm_provider="azure", **CHAT)
    said = edited(said, "azure/eu/gpt", litellm_provider="azure", **CHAT)
    trail.sync(said, DAYS[0])
    with served_by(trail) as client:
        offers = (Offer("azure", "gpt", "eu"), Offer("azure", "gpt@eu"))
        for offer in offers:
            said = ask(client, f"models/{slug(offer)}")["offer"]
            assert (said["model"], said["region"]) == (offer.model, offer.region)


CHAT = {k: v for k, v in PRICES.items() if k != "litellm_provider"}


def test_a_model_that_is_gone_has_no_card(served):
    """What is no longer sold is told of, without prices of today."""
    said = ask(served, f"models/{showroom.GONE}")
    assert (said["card"], said["rates"]) == (None, [])
    assert ask(served, "prices", model=showroom.GONE)["rows"] == []
    assert ask(served, "history", model=showroom.GONE)["rows"]


def test_a_correction_is_billed_and_told(served):
    """A bill of a day whose price was put right since says what it was."""
    at = "2026-08-20"
    said = ask(served, "cost", model=showroom.CORRECTED, input=10**6, at=at)
    assert (said["usd"], said["was_usd"]) == ("1.5", "0")
    (revision,) = said["revisions"]
    assert (revision["was_rate_usd"], revision["rate_usd"]) == ("0", "1.5")
    assert "placeholder" in revision["why"]


def test_a_bill_is_exact_however_large(served):
    """Every digit of a sum is told: nothing is rounded to a double, or to 28 places."""
    bill = ask(served, "cost", model="globex/model-50", input=999_999_999_999)
    assert bill["usd"] == "1499999.9999985"


@pytest.mark.parametrize("path", ["models", "prices", "history", "changes", "cost"])
def test_answers_have_the_form_that_is_described(served, path):
    """Every field of an answer is described, and nothing else is in it."""
    asked = {} if path in ("models", "changes") else {"model": showroom.STABLE}
    if path == "cost":
        asked |= {"input": 800, "output": 200}
    model = getattr(schemas, f"{path.title()}Answer")
    model.model_validate(ask(served, path, **asked))
    if path == "prices":
        model.model_validate(ask(served, path, **asked, as_published="true"))
    if path == "history":
        model.model_validate(ask(served, path, **asked, source="litellm"))

"""Who may say that a model is gone, when, and under which new name."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.pages import litellm
from tracker.domain.offers import Offer
from tracker.domain.ratecard import KeyCard, Rate
from tracker.domain.renames import rename_candidates
from tracker.domain.timeline import Reading, Stamp, advance

START = datetime(2026, 1, 1, tzinfo=UTC)


def step(cards, entries, number, *, complete=True, twice=()):
    """Apply the n-th daily capture to the cards; gives the changes by key."""
    reading = Reading(
        {key: litellm.flatten(key, entry) for key, entry in entries.items()},
        entries.keys(),
        dict.fromkeys(twice, "duplicate_key"),
    )
    at = START + timedelta(days=number)
    stamp = Stamp(at, at - timedelta(days=1) if number else None, complete)
    changes = {change.key: change for change in advance(cards, reading, stamp)}
    cards.update({key: change.card for key, change in changes.items()})
    return changes


def entry(price=1e-6, **more):
    """One model of a made-up provider."""
    return {"litellm_provider": "acme", "input_cost_per_token": price, **more}


def test_the_first_absence_is_noted():
    """A model missing once keeps its rates, and since when it is missing is known."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    change = step(cards, {"y": entry(2e-6)}, 1)["x"]
    assert (change.presence, change.steps) == (True, ())
    assert cards["x"].absence.since == START + timedelta(days=1)
    assert cards["x"].absence.last_seen == START
    assert cards["x"].rates.keys() == {"input"}


def test_the_second_absence_withdraws_as_of_the_first():
    """Missing twice in a row, a model is gone since it was first missing."""
    cards = {}
    step(cards, {"x": entry(mode="chat")}, 0)
    step(cards, {"y": entry(2e-6)}, 1)
    change = step(cards, {"y": entry(2e-6)}, 2)["x"]
    assert [s.kind for s in change.steps] == ["withdrawn"]
    assert (change.since, change.at) == (START, START + timedelta(days=1))
    assert set(change.facts_closed) == {"mode"}
    assert cards["x"].withdrawn_at == START + timedelta(days=1)
    assert (dict(cards["x"].rates), dict(cards["x"].facts)) == ({}, {})


def test_coming_back_after_one_absence_is_no_event():
    """A model missing once and back at its price leaves no trace in the timeline."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    step(cards, {"y": entry(2e-6)}, 1)
    change = step(cards, {"x": entry(), "y": entry(2e-6)}, 2)["x"]
    assert (change.presence, change.steps, change.born) == (True, (), False)
    assert cards["x"].absence is None


def test_an_incomplete_capture_witnesses_nothing():
    """What a partial capture lacks is neither missing nor gone."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    assert "x" not in step(cards, {"y": entry(2e-6)}, 1, complete=False)
    step(cards, {"y": entry(2e-6)}, 2)
    assert cards["x"].absence.since == START + timedelta(days=2)
    assert "x" not in step(cards, {"y": entry(2e-6)}, 3, complete=False)
    assert cards["x"].withdrawn_at is None


def test_an_incomplete_capture_may_show_that_a_model_is_back():
    """A model seen in a partial capture is there, and its absence is over."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    step(cards, {"y": entry(2e-6)}, 1)
    step(cards, {"x": entry()}, 2, complete=False)
    assert cards["x"].absence is None
    step(cards, {"y": entry(2e-6)}, 3)
    assert cards["x"].withdrawn_at is None


@pytest.mark.parametrize(
    ("date", "gone"),
    [
        ("2026-01-01", True),
        ("2026-01-02", True),
        ("2026-01-03", False),
        ("2027-01-01", False),
        ("2025-11-30T00:00:00", True),
        ("", False),
        ("soon", False),
        ("date when the model becomes deprecated", False),
    ],
    ids=repr,
)
def test_at_its_deprecation_date_one_absence_is_enough(date, gone):
    """A model whose end was announced is withdrawn when first missing after it."""
    cards = {}
    step(cards, {"x": entry(deprecation_date=date)}, 0)
    change = step(cards, {"y": entry(2e-6)}, 1)["x"]
    assert [s.kind for s in change.steps] == (["withdrawn"] if gone else [])
    if gone:
        assert (change.since, change.at) == (START, START + timedelta(days=1))


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("2025-1-6", datetime(2025, 1, 10, tzinfo=UTC)),
        ("2025-9-30", datetime(2025, 10, 9, tzinfo=UTC)),
    ],
)
def test_a_deprecation_date_without_leading_zeros_is_a_date(date, at):
    """Dates as two real models write them (2025-1-6) count like any other."""
    said = litellm.flatten("x", entry(deprecation_date=date))
    cards = {"x": KeyCard(said.offer, facts=said.facts)}
    (change,) = advance(cards, Reading({}, [], {}), Stamp(at, None))
    assert change.card.withdrawn_at == at


def test_a_held_key_that_is_back_is_no_longer_missing():
    """A key held before and after one absence was never missing twice in a row."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    step(cards, {"x": entry()}, 1, twice=["x"])
    step(cards, {"y": entry(2e-6)}, 2)
    step(cards, {"x": entry()}, 3, twice=["x"])
    assert cards["x"].absence is None
    step(cards, {"y": entry(2e-6)}, 4)
    assert cards["x"].withdrawn_at is None


def test_a_withdrawn_model_that_returns_is_not_born():
    """A model that was given up and comes back is known from before."""
    cards = {}
    step(cards, {"x": entry()}, 0)
    for number in (1, 2):
        step(cards, {"y": entry(2e-6)}, number)
    change = step(cards, {"x": entry(), "y": entry(2e-6)}, 3)["x"]
    assert (change.born, change.presence) == (False, True)
    assert [(s.kind, s.old) for s in change.steps] == [
        ("returned", Rate(10**9, "USD")),
    ]
    assert cards["x"].withdrawn_at is None


@pytest.mark.parametrize(
    ("born", "renamed_to"),
    [
        ({"model-a-2025": entry()}, "model-a-2025"),
        ({"model-a-2025": entry(2e-6)}, None),
        ({"model-a-2025": entry(output_cost_per_token=0)}, None),
        ({"model-a-2025": entry() | {"litellm_provider": "other"}}, None),
        ({"model-a-2025": entry(), "model-a-v2": entry()}, None),
        ({"model-a-2025": entry(), "model-a-v2": entry(2e-6)}, "model-a-2025"),
        ({"zebra": entry()}, None),
        ({"model-a-2025": {"litellm_provider": "acme"}}, None),
        ({}, None),
    ],
    ids=[
        "one",
        "other-price",
        "other-card",
        "other-provider",
        "two",
        "one-of-two",
        "other-name",
        "no-price",
        "none",
    ],
)
def test_a_new_name_is_a_candidate_if_it_is_the_only_one(born, renamed_to):
    """A model that vanishes as its like appears may have been renamed to it."""
    cards = {}
    step(cards, {"model-a": entry(), "y": entry(7e-6)}, 0)
    change = step(cards, {**born, "y": entry(7e-6)}, 1)["model-a"]
    assert change.card.renamed_to == renamed_to


def test_models_without_a_price_are_never_renames():
    """Two cards that say nothing are not alike."""
    card = KeyCard(Offer("acme", "model-a"))
    assert rename_candidates({"model-a": card}, {"model-b": card}) == {}


def test_a_free_model_may_be_renamed():
    """Free is a card like any other."""
    free = {"input": Rate(0, "USD")}
    gone = {"m-1": KeyCard(Offer("acme", "m-1"), free)}
    born = {"m-2": KeyCard(Offer("acme", "m-2"), free)}
    assert rename_candidates(gone, born) == {"m-1": "m-2"}


def test_a_currency_is_part_of_the_card():
    """The same number in another currency is another card."""
    gone = {"m-1": KeyCard(Offer("acme", "m-1"), {"input": Rate(1, "USD")})}
    born = {"m-2": KeyCard(Offer("acme", "m-2"), {"input": Rate(1, "DBU")})}
    assert rename_candidates(gone, born) == {}

"""What people decide about holds, and decide anew; what a hold leaves behind."""

import copy
import json

import pytest

from tests.support.maps import KEY, edited, small_map
from tests.support.program import Trail

WEEKS = [f"2026-{month:02}-{day:02}" for month in (1, 2) for day in (5, 12, 19, 26)]
HIGH = 1.01e-4
"""A hundred times the price of the model that is edited."""


def listed(trail: Trail, *words: str):
    """What `review` lists."""
    return json.loads(trail("review", *words, "--format", "json").out)


def price(trail: Trail) -> float:
    """What the edited model's input costs now."""
    return trail.tables.standing(KEY)["input"]


@pytest.fixture(name="held")
def _held(trail):
    """A database with one value that waits, and the name of its hold."""
    trail.sync(small_map(), WEEKS[0])
    trail.sync(edited(small_map(), input_cost_per_token=HIGH), WEEKS[1])
    ((hold,),) = (listed(trail),)
    return trail, hold["id"]


@pytest.mark.parametrize(
    "decisions",
    [
        ("reject", "accept"),
        ("accept", "reject"),
        ("accept", "reject", "accept"),
        ("reject", "reject"),
    ],
)
def test_the_last_decision_counts(held, decisions):
    """A decision can be taken back by its ID, and each of them stays on record."""
    trail, name = held
    for word in decisions:
        ran = trail("review", word, name, "--note", f"{word}, I say")
        assert ran.code == 0, ran.text
        assert price(trail) == (101.0 if word == "accept" else 1.01)
        (shown,) = [h for h in listed(trail, "--all") if h["id"] == name]
        assert (shown["status"], shown["reason"]) == (f"{word}ed", "jump")
    assert listed(trail) == []
    notes = trail.tables.column("SELECT note FROM decisions ORDER BY id")
    assert notes == [f"{word}, I say" for word in decisions]


def test_a_second_thought_outlives_a_rebuild(held):
    """Replayed history has the last decision, as the one made in turn."""
    trail, name = held
    for word in ("accept", "reject", "accept"):
        trail("review", word, name)
    before = trail.tables.projection()
    assert trail("rebuild").code == 0
    assert trail.tables.projection() == before
    assert price(trail) == 101.0


def test_what_was_released_can_be_rejected(held):
    """A value that two captures said can still be thrown out by a person."""
    trail, name = held
    again = edited(small_map(), input_cost_per_token=HIGH, max_input_tokens=1)
    trail.sync(again, WEEKS[2])
    assert price(trail) == 101.0
    assert trail("review", "reject", name).code == 0
    assert price(trail) == 1.01


@pytest.mark.parametrize("word", ["reject", "accept"])
def test_a_decision_on_a_capture_can_be_taken_back(trail, word):
    """A whole capture that was decided on is found again by its ID."""
    said = small_map()
    trail.sync(said, WEEKS[0])
    gone = dict(list(edited(said, input_cost_per_token=2e-6).items())[:-5])
    trail.sync(gone, WEEKS[1])
    (hold,) = listed(trail)
    other = {"reject": "accept", "accept": "reject"}[word]
    assert (hold["scope"], hold["reason"]) == ("capture", "mass_loss")
    for decision in (word, other):
        assert trail("review", decision, hold["id"]).code == 0
        assert price(trail) == (2.0 if decision == "accept" else 1.01)


def test_no_such_hold_is_one_line(held):
    """An ID that nothing has is wrong usage, and says where the IDs are."""
    trail, _ = held
    ran = trail("review", "accept", "ffffffffffff")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "review --all" in ran.err


def scaled(said, factor):
    """The map with all prices of one provider times a factor."""
    after = copy.deepcopy(said)
    for key, entry in after.items():
        if key.startswith("acme/"):
            for name in entry:
                if "cost" in name:
                    entry[name] *= factor
    return after


def test_a_note_that_is_no_text_is_kept_as_far_as_it_is(trail):
    """Bytes of another encoding in a note are replaced; the decision counts."""
    trail.sync(small_map(), next(weeks := iter(WEEKS)))
    trail.sync(edited(small_map(), input_cost_per_token=1e-4), next(weeks))
    (hold,) = listed(trail)
    assert trail("review", "reject", hold["id"], "--note", "fen\udcfftre").code == 0
    assert trail.tables.column("SELECT note FROM decisions") == ["fen?tre"]


def test_a_slice_that_is_put_right_holds_no_capture(trail):
    """A provider read wrongly until it was believed, and then read rightly, is no
    stale map: its rates wait, and what else that map says counts at once.
    """
    said, half = small_map(), scaled(small_map(), 0.5)
    weeks = iter(WEEKS)
    for body in (said, half, edited(half, max_input_tokens=1)):
        trail.sync(body, next(weeks))
    assert price(trail) == 0.505
    right = edited(said, "globex/model-02", input_cost_per_token=1.5e-6)
    assert trail.sync(right, next(weeks)).code == 1
    assert {hold["scope"] for hold in listed(trail)} == {"rate"}
    assert {hold["reason"] for hold in listed(trail)} == {"one_ratio"}
    assert trail.tables.standing("globex/model-02")["input"] == 1.5
    trail.sync(edited(right, max_input_tokens=2), next(weeks))
    assert (price(trail), listed(trail)) == (1.01, [])
    before = trail.tables.projection()
    trail("rebuild")
    assert trail.tables.projection() == before

"""What other sources make of a change: those that still state the old price."""

from datetime import timedelta

import pytest

from tests.support.books import END, book, verdict
from tracker.domain.judge import judge

HELD = ("held", "denied")
MOVE = ("move", "")
OLD = "0:3"
"""A witness that states three dollars all the time."""


def told(mine="0:3 500:5", **others):
    """A model's story in litellm, and those of other sources."""
    places = {"litellm acme/m": {"input": mine}}
    return {**places, **{f"{who} acme/m": {"input": s} for who, s in others.items()}}


def found(stories, *, read_for=100):
    """The verdict on litellm's step, the others having been read for so many days
    after it.
    """
    said = book(stories)
    last = {
        source: said.steps[0].at + timedelta(days=read_for) for source, _ in said.series
    }
    said.last_at = {**last, "litellm": END}
    mine = [s for s in said.steps if s.source == "litellm"]
    finding = judge(said, mine)[mine[0].id]
    return finding.verdict, finding.reason


def test_two_sources_that_stand_by_the_old_price_hold_a_change():
    """Where two others still state the old price three weeks later, it is held."""
    assert found(told(openrouter=OLD, other=OLD)) == HELD


@pytest.mark.parametrize(
    "others",
    [
        {"openrouter": OLD},
        {"openrouter": OLD, "other": "0:3 510:5"},
        {"openrouter": OLD, "other": "0:3 490:5 495:3"},
        {"openrouter": OLD, "other": "0:3 510:-"},
        {"openrouter": OLD, "other": "0:9"},
    ],
)
def test_one_that_follows_or_is_silent_holds_nothing(others):
    """One witness alone, one that states the new price, left, or never agreed with
    the old one does not outweigh the source.
    """
    assert found(told(**others))[0] == "move"


def test_a_source_has_three_weeks_to_follow():
    """Before that the silence of others proves nothing."""
    assert found(told(openrouter=OLD, other=OLD), read_for=20) == MOVE
    assert found(told(openrouter=OLD, other=OLD), read_for=21) == HELD


def test_at_first_call_nothing_is_denied():
    """On its day every real move is alone."""
    stories = told(openrouter=OLD, other=OLD)
    assert verdict(stories, hindsight=False) == MOVE

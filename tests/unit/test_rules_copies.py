"""Numbers copied from a sibling, and prices that only look like it."""

import pytest

from tests.support.books import MOVE, verdict, wrong

IMAGE, LITE = "gemini/gemini-3.1-flash-image", "gemini/gemini-3.1-flash-lite"


@pytest.mark.parametrize(
    ("sibling", "story", "expected"),
    [
        (LITE, "0:0.25", wrong("copied")),
        (LITE, "0:0.25 100:0.5", MOVE),
        (LITE, "0:0.3", MOVE),
        ("gemini/gemini-2.5-flash-lite", "0:0.25", MOVE),
        ("vertex_ai/gemini-3.1-flash-lite", "0:0.25", MOVE),
    ],
    ids=["it stays", "it moves too", "another price", "another model", "elsewhere"],
)
def test_a_variant_that_leaves_another_variants_price(sibling, story, expected):
    """gemini-3.1-flash-image was born at flash-lite's price (2026-08-23)."""
    told = {
        f"litellm {IMAGE}": {"input": "0:0.25 100:0.5", "output": "0:1.5 100:3"},
        f"litellm {sibling}": {"input": story, "output": "0:9"},
    }
    assert verdict(told) == expected


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({"input": "0:4", "output": "0:16 100:24"}, wrong("copied")),
        ({"input": "0:4 100:6", "output": "0:16 100:24"}, MOVE),
    ],
    ids=["alone", "the whole card"],
)
def test_one_rate_that_leaves_a_like_named_models_rate(card, expected):
    """gpt-realtime-2's output stood at the older model's (2026-09-06); a card that
    moves as a whole has moved, whatever it shared before.
    """
    told = {
        "litellm openai/gpt-realtime-2": card,
        "litellm openai/gpt-realtime": {"input": "0:4", "output": "0:16"},
    }
    assert verdict(told, "output") == expected

"""Capabilities and limits in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.reports.abilities import became, same, titled

VALUES = (
    st.none() | st.text(max_size=30) | st.lists(st.text(max_size=9)).map(json.dumps)
)


@pytest.mark.parametrize(
    ("fact", "called"),
    [
        ("max_input_tokens", "context window"),
        ("supports_function_calling", "tools"),
        ("supports_url_context", "URL context"),
        ("supports_web_search", "web search"),
        ("supported_endpoints", "endpoints"),
        ("mode", "mode"),
    ],
)
def test_a_fact_has_the_name_that_people_know(fact, called):
    """Facts are called as on the web page, and never with underscores."""
    assert titled(fact) == called


@pytest.mark.parametrize(
    ("fact", "old", "new", "told"),
    [
        ("supports_vision", None, "true", "yes"),
        ("supports_vision", "false", "true", "no → yes"),
        ("supports_vision", "true", None, "no longer stated, was yes"),
        (
            "max_input_tokens",
            "128000",
            "1000000.0",
            "128\u202f000 → 1\u202f000\u202f000",
        ),
        ("max_output_tokens", None, "16384", "16\u202f384"),
        ("max_output_tokens", None, "a lot", "a lot"),
        ("mode", "chat", "responses", "chat → responses"),
        ("supported_modalities", '["text"]', '["text","image"]', "+ image"),
        ("supported_modalities", '["text","a"]', '["b","text"]', "+ b, − a"),
        ("supported_modalities", None, '["text","image"]', "text, image"),
        ("supported_modalities", '["text"]', None, "no longer stated, was text"),
        ("supported_modalities", None, "[]", "none"),
        ("supported_modalities", '["text"]', "[1]", "text → [1]"),
    ],
)
def test_a_change_is_told_in_words(fact, old, new, told):
    """Of a list it is said what was added and what was lost; no JSON is shown."""
    assert became(fact, old, new) == (told, 0)


def test_words_beyond_six_are_counted():
    """A long list names six of its words; how many are only counted is known, so that
    the table is attached.
    """
    words = json.dumps([f"w{n}" for n in range(9)])
    assert became("x", "[]", words) == (
        "+ w0, + w1, + w2, + w3, + w4, + w5 and 3 more",
        3,
    )


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ('["a","b"]', '["b","a"]', True),
        ('["a"]', '["a","b"]', False),
        ("1000000", "1000000.0", True),
        ("nan", "nan", True),
        ("true", "false", False),
        (None, "0", False),
        ("0", None, False),
    ],
)
def test_what_means_the_same_is_no_news(old, new, alike):
    """A list in another order and a number with a point have not changed."""
    assert same(old, new) is alike


@given(st.text(max_size=20), VALUES, VALUES)
def test_any_value_is_told_in_a_line(fact, old, new):
    """Whatever a source states, it is told in words, on one line."""
    words, left = became(fact, old, new)
    assert left >= 0
    assert len((titled(fact) + words).splitlines()) <= 1
    if not same(old, new):
        assert words

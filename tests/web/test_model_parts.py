"""The parts of a model's page that need no database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tracker.domain.offers import Offer
from tracker.web.model.alternatives import about
from tracker.web.model.elsewhere import is_same
from tracker.web.model.naming import group_of, titled, worded
from tracker.web.model.standing import ahead, standing
from tracker.web.model.timeline import shown_by
from tracker.web.model.turns import turns_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meter", "words", "group"),
    [
        ("input", "Input", "Standard"),
        ("cache_read", "Cached input", "Cache"),
        ("cache_write;ttl=1h", "Cache write, kept 1h", "Cache"),
        ("input@>200k", "Input, above 200k tokens", "Long prompts"),
        ("output+batch", "Output, batch", "Batch"),
        ("input+priority@>272k", "Input, above 272k tokens, priority", "Priority"),
        ("input.audio_token", "Input audio", "Audio"),
        ("output.image;size=1024x1024", "Output image, 1024×1024", "Images"),
        ("search.query;search_context=low", "Web search, low search context", "Tools"),
        ("input;window=off_peak", "Input, off-peak", "Off-peak"),
        ("input.second", "Input", "By the second"),
        ("ocr.page", "OCR", "Other"),
        ("unknown.unknown;field=odd_cost", "Unknown, odd_cost", "Not understood"),
        ("not a meter", "Unknown, not a meter", "Not understood"),
    ],
)
def test_a_meter_has_words_and_a_heading(meter, words, group):
    """Each key can be read by people, and stands where they look for it."""
    assert titled(meter) == words
    assert group_of(meter) == group


def test_the_words_of_a_meter_leave_its_tier_to_the_heading():
    """Under the heading of a tier its name is not repeated."""
    assert worded("output+batch") == "Output"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.00056", "≈ $0.0006"),
        ("0.0035", "$0.0035"),
        ("0.00528", "≈ $0.0053"),
        ("0.000016", "≈ $0.000016"),
        ("1.2", "$1.20"),
    ],
)
def test_a_conversation_costs_what_one_can_remember(amount, text):
    """Four places of a dollar, marked where they are not exact; less to two digits."""
    assert about(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("gpt-4.1-mini-2025-04-14", "gpt-4.1-mini", True),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-11-20", False),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5@20250929", True),
        ("deepseek/deepseek-r1:free", "deepseek/deepseek-r1", False),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", True),
        ("ft:gpt-4o", "ft:gpt-4.1", False),
    ],
)
def test_the_same_model_has_one_date_and_one_variant(one, other, same):
    """Another snapshot, a free variant or somebody's tuning is another model."""
    assert is_same(Offer("a", one), Offer("b", other)) is same


def key(**fields):
    """A source's key that is there, and always was."""
    usual = {"source": "litellm", "stale": False, "missing_since": None}
    return {**usual, "withdrawn_at": None, "renamed_to": None, **fields}


@pytest.mark.parametrize(
    ("keys", "told", "words"),
    [
        ([key()], {}, []),
        ([key()], {"deprecation_date": "2027-01-14"}, ["to be retired on 2027-01-14"]),
        (
            [key()],
            {"deprecation_date": "2026-11-23"},
            ["retired: its last day was 2026-11-23"],
        ),
        (
            [key(withdrawn_at=datetime(2026, 3, 1, tzinfo=UTC), renamed_to="new")],
            {},
            ["no longer listed by litellm since 2026-03-01; renamed?"],
        ),
        (
            [key(withdrawn_at=datetime(2026, 3, 1, tzinfo=UTC)), key(source="other")],
            {},
            ["no longer listed by litellm since 2026-03-01; other still has it"],
        ),
        (
            [key(missing_since=datetime(2026, 11, 16, tzinfo=UTC))],
            {},
            [
                (
                    "not listed by litellm when it was read on 2026-11-16; "
                    "gone if it stays away"
                )
            ],
        ),
        (
            [key(stale=True)],
            {"status": "deprecated"},
            [
                "known only from litellm, not read for long: it may be outdated",
                "marked as deprecated",
            ],
        ),
    ],
)
def test_the_state_of_an_offer_is_said(keys, told, words):
    """Gone, missing, renamed, retired, to be retired, outdated."""
    new = Offer("acme", "new")
    notes = standing(keys, told, {"new": new}, NOW)
    assert [note.words for note in notes] == words
    assert all(note.about == new for note in notes if "renamed" in note.words)


def test_announced_prices_are_told_until_they_begin():
    """A schedule's days to come, and nothing of a fact that is no schedule."""
    told = {
        "schedule:input": '[{"price": "2", "currency": "USD", "from": "2026-12-01", '
        '"to": null}, {"price": "3", "currency": "USD", "from": "2026-01-01", '
        '"to": "2026-12-01"}]',
        "schedule:output": "not JSON",
        "schedule:odd": '{"from": "2027-01-01"}',
    }
    (one,) = ahead(told, NOW.date())
    assert (one.words, one.price, one.since) == ("Input", "2", "2026-12-01")


@pytest.mark.parametrize(
    ("evidence", "sentences"),
    [
        (None, []),
        ('{"stood": "1 weeks"}', ["it has stood for 1 week"]),
        (
            '{"by": "openrouter", "on": "2024-12-08"}',
            ["openrouter had it on 2024-12-08"],
        ),
        ('{"of": "gpt-4o"}', ["the price had been that of gpt-4o"]),
        ('{"new_kind": "of evidence"}', ["new kind: of evidence"]),
        ('{"of": "{} {0} {x}"}', ["the price had been that of {} {0} {x}"]),
        ("no JSON", ["no JSON"]),
        ("[1]", ["[1]"]),
    ],
)
def test_evidence_is_told_in_sentences(evidence, sentences):
    """Whatever a verdict rests on can be read; names cannot break a sentence."""
    assert list(shown_by(evidence)) == sentences


def fact(name, value, start, end=None):
    """A fact of one source; days of November."""
    return {
        "source": "litellm",
        "source_key": "a",
        "name": name,
        "value": value,
        "valid_from": datetime(2026, 11, start, tzinfo=UTC),
        "valid_to": datetime(2026, 11, end, tzinfo=UTC) if end else None,
    }


def test_turns_are_what_came_and_went_between_birth_and_end():
    """What an entry began with is no news, nor that all ended with it."""
    rows = [
        fact("supports_vision", "true", 1),
        fact("supports_reasoning", "true", 8),
        fact("max_output_tokens", "4096", 1, 15),
        fact("max_output_tokens", "8192", 15),
        fact("supports_web_search", "true", 1, 8),
    ]
    found = [(turn.at.day, turn.name, turn.old, turn.new) for turn in turns_of(rows)]
    assert found == [
        (15, "max output", "4,096", "8,192"),
        (8, "Web search", "yes", None),
        (8, "Reasoning", None, "yes"),
    ]
    gone = [fact("supports_vision", "true", 1, 8), fact("mode", "chat", 1, 8)]
    assert turns_of(gone) == ()

"""The views that people script against: names, columns, and equal answers."""

import pytest

from tests.support import maps
from tests.support.program import Trail

COLUMNS = {
    "price_history": "provider, model, region, source, source_key, meter, component, "
    "unit, tier, context_above, usd, price_nano, per, currency, valid_from, valid_to",
    "believed_prices": "provider, model, region, meter, usd, price_nano, per, "
    "currency, valid_from, valid_to, basis, source, known_from",
    "price_timeline": "provider, model, region, source, source_key, meter, kind, "
    "old_usd, new_usd, per, pct, previous_seen_at, observed_at, effective_at, "
    "verdict, reason, confidence, story",
    "model_prices": "provider, model, region, source, input_usd, output_usd, "
    "cache_read_usd, cache_write_usd, max_input_tokens, max_output_tokens, "
    "sources_agreeing, sources_disagreeing, since",
    "best_prices": "provider, model, region, meter, usd, price_nano, per, currency, "
    "source, sources_agreeing, sources_disagreeing",
}
COLUMNS["current_prices"] = COLUMNS["price_history"]


def story(trail: Trail) -> None:
    """Three weeks: a cut, a field withdrawn, a model added, one gone."""
    first = maps.small_map()
    second = maps.edited(first, input_cost_per_token=1.5e-06)
    second = maps.edited(second, "acme/model-07", cache_read_input_token_cost=...)
    third = maps.edited(
        maps.without(second, "globex/model-02"),
        "openai/new-model",
        input_cost_per_token=1.2e-06,
        output_cost_per_token=4.8e-06,
        supports_vision=True,
    )
    for said, at in ((first, "2025-01-06"), (second, "2025-01-13")):
        assert trail.sync(said, at).code == 0
    for at in ("2025-01-20", "2025-01-27"):
        assert trail.sync({**third, "k": {**third[maps.KEY], "n": at}}, at).code == 0


ASKED = (
    ("models",),
    ("models", "--provider", "acme", "--query", "*MODEL-0*"),
    ("changes",),
    ("changes", "--model", "acme/*", "--min-pct", "10"),
    ("price", maps.KEY, "--at", "2025-01-10"),
    ("price", maps.KEY, "--all-sources"),
    ("history", maps.KEY),
    ("history", maps.KEY, "--source", "litellm", "--since", "2025-01-10"),
)


@pytest.fixture
def both(sqlite_url, postgres_url, tmp_path):
    """The same syncs on both databases."""
    trails = []
    for name, url in (("one", sqlite_url), ("two", postgres_url)):
        (tmp_path / name).mkdir()
        trails.append(Trail(url, tmp_path / name))
        story(trails[-1])
    return trails


def test_columns(trail):
    """Each view has exactly the columns that DESIGN lists, in that order."""
    trail.sync(maps.small_map(), "2025-01-06")
    for view, columns in COLUMNS.items():
        (row,) = trail.tables.rows(f"SELECT * FROM {view} LIMIT 1")
        assert ", ".join(row) == columns, view


def test_both_databases_answer_alike(both):
    """The same syncs give the same rows of every view on both databases."""
    for view in COLUMNS:
        one, other = (
            sorted(map(str, trail.tables.rows(f"SELECT * FROM {view}")))
            for trail in both
        )
        assert one == other, view
        assert len(one) > 50, view


def test_both_databases_print_alike(both):
    """A command's JSON is the same text on both databases."""
    for words in ASKED:
        one, other = (trail(*words, "--format", "json") for trail in both)
        assert one.code == 0, one.text
        assert one == other, words
        assert "acme" in one.out, words


def test_another_currency_has_no_dollars(trail):
    """A rate in Databricks units has its exact number and no dollars."""
    trail.sync(maps.small_map(), "2025-01-06")
    found = trail.tables.rows(
        "SELECT meter, usd, price_nano, currency, per FROM current_prices "
        f"WHERE source_key = '{maps.DBU}' ORDER BY meter"
    )
    assert [(r["usd"], r["price_nano"], r["currency"]) for r in found] == [
        (0.91, 910_000_000, "USD"),
        (None, 13_000_000_000, "DBU"),
    ]
    assert {r["per"] for r in found} == {"1M token"}


def test_a_period_and_its_change_tell_one_story(trail):
    """A change's instant is the end of one period and the start of the next."""
    story(trail)
    found = trail.tables.rows(
        "SELECT usd, valid_from, valid_to FROM price_history WHERE source_key = "
        f"'{maps.KEY}' AND meter = 'input' ORDER BY valid_from"
    )
    assert [tuple(row.values()) for row in found] == [
        (1.01, "2025-01-06T00:00:00Z", "2025-01-13T00:00:00Z"),
        (1.5, "2025-01-13T00:00:00Z", None),
    ]
    (step,) = trail.tables.rows(
        "SELECT old_usd, new_usd, previous_seen_at, observed_at FROM price_timeline "
        f"WHERE source_key = '{maps.KEY}' AND kind = 'changed'"
    )
    assert tuple(step.values()) == (
        *(1.01, 1.5),
        *("2025-01-06T00:00:00Z", "2025-01-13T00:00:00Z"),
    )


def test_rates_of_one_period_never_overlap(trail):
    """Periods of one key and meter follow each other without overlap."""
    story(trail)
    overlapping = trail.tables.one(
        "SELECT COUNT(*) FROM rates a JOIN rates b ON a.source_key_id = "
        "b.source_key_id AND a.meter_id = b.meter_id AND a.id < b.id "
        "WHERE (b.valid_to IS NULL OR a.valid_from < b.valid_to) "
        "AND (a.valid_to IS NULL OR b.valid_from < a.valid_to)"
    )
    assert overlapping == 0

"""What a parser may have misread is released by a source that states the same."""

import pytest

from tests.support.maps import small_map

MODELS = 6
PRICED = ("Input", "Cached input", "Output")
HELD = "SELECT status FROM holds ORDER BY id"
DECIDED = "SELECT decision, decided_by, meter FROM decisions ORDER BY id"


def page(factor, note=""):
    """Xai's pricing page: six models, all prices times this."""
    rows = [
        f"| grok-{n} | 256k | ${n * factor:.2f} | ${n * factor / 10:.3f} "
        f"| ${5 * n * factor:.2f} |"
        for n in range(1, MODELS + 1)
    ]
    names = ("Model", "Context", *(f"{n} / 1M tokens" for n in PRICED))
    head = (f"| {' | '.join(names)} |", "| --- | --- | --- | --- | --- |")
    lines = ("# Pricing", note, "## Text API Pricing", "", *head, *rows, "")
    return "\n".join(lines).encode()


def other(factor):
    """Litellm's map with the same models at this price."""
    mine = {
        f"xai/grok-{n}": {
            "litellm_provider": "xai",
            "input_cost_per_token": n * factor / 1e6,
            "output_cost_per_token": 5 * n * factor / 1e6,
            "cache_read_input_token_cost": n * factor / 1e7,
        }
        for n in range(1, MODELS + 1)
    }
    return {**small_map(), **mine}


@pytest.fixture
def halved(trail):
    """A page whose every price was halved, and repeated the week after."""
    for day, body in (
        ("2026-01-04", page(2)),
        ("2026-01-11", page(1)),
        ("2026-01-18", page(1, "another word")),
    ):
        path = trail.file(body, f"{day}.md")
        trail("sync", "--source", "xai", "--file", str(path), "--at", day)
    return trail


def prices(trail):
    """What xai's page is believed to charge for the first model's input."""
    query = (
        "SELECT usd FROM current_prices WHERE source = 'xai' AND model = 'grok-1' "
        "AND meter = 'input'"
    )
    return [row["usd"] for row in trail.tables.rows(query)]


def test_a_page_that_repeats_itself_confirms_nothing(halved):
    """Half prices on the whole page stay held however often they are read."""
    assert prices(halved) == [2.0]
    assert {row["status"] for row in halved.tables.rows(HELD)} == {"pending"}


def test_another_source_that_says_the_same_releases(halved):
    """Once litellm states the halved prices, the page's are applied as of their day,
    and the decision names who confirmed it.
    """
    halved.sync(other(1), "2026-01-19")
    assert prices(halved) == [1.0]
    decided = halved.tables.rows(DECIDED)
    assert {row["decided_by"] for row in decided} == {"litellm"}
    assert {row["meter"] for row in decided} == {"input", "output", "cache_read"}
    query = "SELECT source, kind, observed_at FROM price_timeline"
    steps = [row for row in halved.tables.rows(query) if row["kind"] == "changed"]
    days = {str(row["observed_at"])[:10] for row in steps if row["source"] == "xai"}
    assert days == {"2026-01-11"}


def test_another_source_at_another_price_releases_nothing(halved):
    """A source that still states the old prices leaves the hold as it is."""
    halved.sync(other(2), "2026-01-19")
    assert prices(halved) == [2.0]
    assert halved.tables.rows(DECIDED) == []


def test_the_release_outlives_a_rebuild(halved):
    """A replay remembers what was confirmed."""
    halved.sync(other(1), "2026-01-19")
    assert halved("rebuild").code == 0
    assert prices(halved) == [1.0]

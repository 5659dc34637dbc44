"""Prices stated for certain days: kept with their dates, charged from their day."""

import json

import pytest

MODELS = 45
"""More than the floor of the source."""
NAME = "acme-9"


def catalogue(price_until, price_from, *, day="2026-09-01"):
    """llm-prices' history: one model whose price changes on a day, and others."""
    others = [
        {
            "id": f"other-{n}",
            "vendor": "mistral",
            "name": f"Other {n}",
            "price_history": [
                {"input": n, "output": n, "from_date": None, "to_date": None}
            ],
        }
        for n in range(1, MODELS)
    ]
    mine = {"id": NAME, "vendor": "openai", "name": "Acme 9"}
    mine["price_history"] = [
        {"input": price_until, "output": 9, "from_date": None, "to_date": day},
        {"input": price_from, "output": 9, "from_date": day, "to_date": None},
    ]
    return {"prices": flat([mine, *others])}


def flat(models):
    """One row for each period, as the published history is."""
    return [
        {"id": m["id"], "vendor": m["vendor"], "name": m["name"], **period}
        for m in models
        for period in m["price_history"]
    ]


def take(trail, said, at):
    """Sync this body as of a day."""
    path = trail.file(json.dumps(said).encode())
    ran = trail("sync", "--source", "llm-prices", "--file", str(path), "--at", at)
    assert ran.code == 0, ran.text
    return ran


def steps(trail):
    """How many prices changed so far."""
    query = "SELECT id FROM price_changes WHERE kind = 'changed'"
    return len(trail.tables.rows(query))


def price(trail, at):
    """What the model cost on a day."""
    ran = trail("price", f"openai/{NAME}", "--at", at, "--meter", "input")
    return ran.out


def test_an_announced_price_is_no_price_before_its_day(trail):
    """Until its day a scheduled price is a fact, and the old one is charged."""
    take(trail, catalogue(2, 3), "2026-08-01")
    rows = trail.tables.rows(
        "SELECT f.value FROM facts f WHERE f.name = 'schedule:input'"
    )
    assert [step["price"] for step in json.loads(rows[0]["value"])] == ["2", "3"]
    assert "$2.00" in price(trail, "2026-08-15")
    assert "$3.00" not in price(trail, "2026-08-15")


def test_the_same_bytes_charge_the_new_price_from_its_day(trail):
    """A body that did not change raises the price on the day it had announced."""
    said = catalogue(2, 3)
    take(trail, said, "2026-08-30")
    ran = take(trail, said, "2026-09-06")
    assert "1 changed" in ran.out
    rows = trail.tables.rows(
        "SELECT old_price_nano, new_price_nano, effective_at FROM price_changes "
        "WHERE kind = 'changed'"
    )
    (row,) = rows
    step = (row["old_price_nano"], row["new_price_nano"])
    assert step == (2 * 10**9, 3 * 10**9)
    assert str(row["effective_at"]).startswith("2026-09-01")
    assert "$3.00" in price(trail, "2026-09-03")
    assert "$2.00" in price(trail, "2026-08-31")


def test_a_cancelled_rise_never_happened(trail):
    """A rise that the source takes back before its day is no price change."""
    take(trail, catalogue(2, 3), "2026-08-01")
    take(trail, catalogue(2, 2), "2026-08-12")
    take(trail, catalogue(2, 2), "2026-09-06")
    assert steps(trail) == 0


def test_a_rebuild_tells_the_same(trail):
    """Replaying the captures puts the scheduled step where it was."""
    said = catalogue(2, 3)
    for at in ("2026-08-30", "2026-09-06", "2026-09-13"):
        take(trail, said, at)
    query = (
        "SELECT valid_from, valid_to, price_nano FROM rates ORDER BY valid_from, "
        "source_key_id, meter_id, price_nano"
    )
    before = trail.tables.rows(query)
    assert trail("rebuild").code == 0
    assert trail.tables.rows(query) == before


@pytest.mark.parametrize("at", ["2026-09-06", "2027-01-01"])
def test_nothing_turns_twice(trail, at):
    """After its day the same bytes change nothing more."""
    said = catalogue(2, 3)
    take(trail, said, "2026-08-30")
    take(trail, said, at)
    take(trail, said, "2027-02-01")
    assert steps(trail) == 1

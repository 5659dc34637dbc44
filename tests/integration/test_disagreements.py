"""Sources that state different prices for one thing."""

import json

from tests.support.maps import edited, small_map

KEY = "openai/model-00"
CATALOGUE = "models-dev"


def catalogue(dollars, *, size=110):
    """models.dev's body: the same model of OpenAI at this price, and others."""
    mine = {"model-00": {"cost": {"input": dollars, "output": 4.0}}}
    rest = {f"o-{n}": {"cost": {"input": 1, "output": 2}} for n in range(size)}
    return {"openai": {"models": mine}, "other": {"models": rest}}


def take(trail, dollars, at):
    """Sync models.dev's catalogue with this price."""
    path = trail.file(json.dumps(catalogue(dollars)).encode())
    words = ("--source", CATALOGUE, "--file", str(path), "--at", at)
    assert trail("sync", *words).code == 0


def found(trail, *words):
    """What the command lists, as rows."""
    ran = trail("disagreements", "--format", "json", *words)
    assert ran.code == 0, ran.text
    return json.loads(ran.out)


def test_two_prices_of_one_thing_are_listed(trail):
    """Who says what, since when, and how far apart stands in one row."""
    trail.sync(small_map(), "2026-01-04")
    take(trail, 1.5, "2026-01-04")
    (row,) = found(trail)
    assert (row["model"], row["meter"]) == ("model-00", "input")
    assert (row["source"], row["usd"]) == ("litellm", "1")
    assert (row["other_source"], row["other_usd"]) == (CATALOGUE, "1.5")
    assert row["pct"] == 50.0


def test_an_acknowledgement_sticks_to_the_pair_of_values(trail):
    """What was acknowledged is not listed again, until one of the prices is another."""
    trail.sync(small_map(), "2026-01-04")
    take(trail, 1.5, "2026-01-04")
    (row,) = found(trail)
    ran = trail("disagreements", "ack", row["id"], "--note", "they bill in euros")
    assert ran.code == 0
    assert found(trail) == []
    assert found(trail, "--all")[0]["acknowledged"] == "they bill in euros"
    take(trail, 1.6, "2026-01-11")
    assert [row["other_usd"] for row in found(trail)] == ["1.6"]
    take(trail, 1.5, "2026-01-18")
    assert found(trail) == []


def test_rebuilding_keeps_acknowledgements(trail):
    """What a person said outlives a replay of the captures."""
    trail.sync(small_map(), "2026-01-04")
    take(trail, 1.5, "2026-01-04")
    trail("disagreements", "ack", found(trail)[0]["id"])
    assert trail("rebuild").code == 0
    assert found(trail) == []


def test_as_of_a_day_the_prices_of_that_day_are_compared(trail):
    """`--at` shows who disagreed then, though they agree now."""
    trail.sync(small_map(), "2026-01-04")
    take(trail, 1.5, "2026-01-04")
    take(trail, 1.0, "2026-01-11")
    assert found(trail) == []
    assert [r["other_usd"] for r in found(trail, "--at", "2026-01-05")] == ["1.5"]


def test_a_stale_source_has_no_voice(trail):
    """A source that was not read for three weeks disagrees with nobody, and counts
    in no view.
    """
    trail.sync(small_map(), "2026-01-04")
    take(trail, 1.5, "2026-01-04")
    for n, day in enumerate(("2026-01-11", "2026-01-18", "2026-01-25"), start=1):
        trail.sync(edited(small_map(), max_input_tokens=n), day)
    assert found(trail) == []
    query = "SELECT sources_disagreeing AS n FROM best_prices WHERE model = 'model-00'"
    assert {row["n"] for row in trail.tables.rows(query)} == {0}
    take(trail, 1.5, "2026-01-26")
    assert len(found(trail)) == 1


def test_a_name_that_is_none_is_told(trail):
    """An unknown id is one line and exit 2."""
    trail.sync(small_map(), "2026-01-04")
    ran = trail("disagreements", "ack", "zzz")
    assert ran.code == 2
    assert "zzz" in ran.err

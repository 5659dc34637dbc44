"""Captures that are only a part of the list: their silence proves nothing."""

import json

MODELS = 60


def models(names, **top):
    """OpenRouter's list of these models."""
    data = [
        {"id": name, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
        for name in names
    ]
    return {"data": data, **top}


def take(trail, said, at):
    """Sync this body as of a day."""
    path = trail.file(json.dumps(said).encode())
    return trail("sync", "--source", "openrouter", "--file", str(path), "--at", at)


ALL = [f"acme/model-{n}" for n in range(MODELS)]


def gone(trail):
    """Keys that are missing or withdrawn."""
    query = "SELECT key FROM source_keys WHERE missing_since IS NOT NULL ORDER BY key"
    return [row["key"] for row in trail.tables.rows(query)]


def test_a_part_withdraws_nothing(trail):
    """Models beyond the end of a list that goes on elsewhere are not missing."""
    take(trail, models(ALL), "2026-01-04")
    for day in ("2026-01-11", "2026-01-18", "2026-01-25"):
        part = models([*ALL[:50], f"new/{day}"], total_count=61)
        assert take(trail, part, day).code == 0
    assert gone(trail) == []
    keys = trail.tables.rows("SELECT key FROM source_keys")
    assert len(keys) == MODELS + 3


def test_the_next_whole_list_witnesses_again(trail):
    """After a part, a whole list without a model finds it missing, once."""
    take(trail, models(ALL), "2026-01-04")
    take(trail, models(ALL[:55], total_count=60), "2026-01-11")
    take(trail, models([*ALL[:59], "late/one"]), "2026-01-18")
    assert gone(trail) == [ALL[59]]


def test_a_rebuild_of_parts_tells_the_same(trail):
    """Parts replayed in one process equal parts applied by one process each."""
    take(trail, models(ALL), "2026-01-04")
    take(trail, models(ALL[:55], total_count=60), "2026-01-11")
    take(trail, models(ALL[5:50], total_count=60), "2026-01-18")
    take(trail, models([*ALL[:59], "late/one"]), "2026-01-25")
    query = "SELECT key, missing_since, withdrawn_at FROM source_keys ORDER BY key"
    before = trail.tables.rows(query)
    assert trail("rebuild", "openrouter").code == 0
    assert trail.tables.rows(query) == before

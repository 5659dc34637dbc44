"""Rebuilt, or filled in another order, history is the same row for row."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.maps import KEY, Map, edited, renamed, small_map, without
from tests.support.program import Trail

DAYS = [f"2025-{month:02}-{day:02}" for month in (1, 2, 3) for day in (6, 13, 20, 27)]


def weeks() -> list[Map | bytes]:
    """Eight weeks with everything that can happen to a map in them."""
    first = small_map()
    cut = edited(first, input_cost_per_token=7e-07)
    gone = without(edited(cut, cache_read_input_token_cost=...), "acme/model-07")
    held = edited(gone, output_cost_per_token=-1)
    new = edited(held, "openai/new", input_cost_per_token=1.1e-06, mode="chat")
    named = renamed(new, "globex/model-08", "globex/model-08-latest")
    moved = edited(named, "hooli/model-11", litellm_provider="acme")
    back = edited(moved, output_cost_per_token=4.4e-06, max_input_tokens=200000)
    return [first, cut, gone, b"<html>", held, new, new, named, moved, back]


def played(trail: Trail, numbers: list[int], said: list[Map | bytes]) -> None:
    """Sync some of the weeks, in this order."""
    for number in numbers:
        trail.sync(said[number], DAYS[number])


def test_a_rebuild_gives_the_same_rows(trail):
    """A rebuild ends in the very rows that the syncs one by one have made."""
    said = weeks()
    played(trail, list(range(len(said))), said)
    before, statuses = trail.tables.projection(), trail.tables.statuses()
    assert len(before["price_changes"]) > 185
    assert trail("rebuild", "litellm").code in (0, 1)
    after = trail.tables.projection()
    for table, rows in before.items():
        assert after[table] == rows, table
    assert trail.tables.statuses() == statuses


def test_a_rebuild_twice_is_a_rebuild_once(sqlite_trail):
    """Rebuilding again changes nothing."""
    played(sqlite_trail, [0, 1, 2, 4], weeks())
    sqlite_trail("rebuild")
    once = sqlite_trail.tables.projection()
    sqlite_trail("rebuild")
    assert sqlite_trail.tables.projection() == once


NEWEST_FIRST = [9, 0, 1, 2, 3, 4, 5, 6, 7, 8]


def straight(folder: Path) -> dict[str, list[str]]:
    """The history of the weeks synced in their own order."""
    folder.mkdir()
    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
    said = weeks()
    played(trail, list(range(len(said))), said)
    return trail.tables.history()


@pytest.mark.parametrize(
    "order",
    [[0, 2, 4, 8, 9, 1, 3, 5, 6, 7], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ids=["every other", "backwards"],
)
def test_any_order_of_syncs_gives_one_history(sqlite_trail, tmp_path, order):
    """A capture that comes late ends up where it belongs."""
    played(sqlite_trail, order, weeks())
    assert sqlite_trail.tables.history() == straight(tmp_path / "straight")


def test_the_newest_map_first_gives_the_same_history(trail, tmp_path):
    """History that is synced after today's map is the history synced before it."""
    played(trail, NEWEST_FIRST, weeks())
    assert trail.tables.history() == straight(tmp_path / "straight")


def test_a_backfill_after_a_sync_is_a_sync_after_a_backfill(trail, tmp_path):
    """Older captures filled in after a live sync give the same history."""
    older = {
        "2025-01-06_1.1.0.json": small_map(),
        "2025-01-13_1.2.0.json": edited(small_map(), input_cost_per_token=7e-07),
    }
    newest = edited(small_map(), input_cost_per_token=8e-07)
    (tmp_path / "other").mkdir()
    other = Trail(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    assert trail.sync(newest, "2025-02-01").code == 0
    assert trail.backfill(older).code == 0
    assert other.backfill(older).code == 0
    assert other.sync(newest, "2025-02-01").code == 0
    assert trail.tables.history() == other.tables.history()
    assert [s[3:] for s in trail.tables.steps() if s[2] == "changed"] == [
        (1.01, 0.7),
        (0.7, 0.8),
    ]


def test_a_body_filled_in_before_an_unchanged_one(trail):
    """A price that was different for a while between two equal maps went up and came
    back, whenever we learn of it.
    """
    trail.sync(small_map(), DAYS[0])
    trail.sync(small_map(), DAYS[2])
    trail.sync(edited(small_map(), input_cost_per_token=8e-07), DAYS[1])
    assert trail.tables.standing(KEY)["input"] == 1.01
    found = trail.tables.history()
    trail("rebuild")
    assert trail.tables.history() == found


def test_an_old_body_that_equals_the_newest(trail):
    """A body that says what is said today, but of long ago, is history of its own."""
    trail.sync(edited(small_map(), input_cost_per_token=8e-07), DAYS[1])
    trail.sync(small_map(), DAYS[2])
    trail.sync(small_map(), DAYS[0])
    assert [s[3:] for s in trail.tables.steps() if s[2] == "changed"] == [
        (1.01, 0.8),
        (0.8, 1.01),
    ]


EDITS = st.sampled_from(
    [
        lambda m, n: edited(m, input_cost_per_token=(80 + n) * 1e-8),
        lambda m, n: edited(
            m, "openai/model-06", output_cost_per_token=4e-06 + n / 1e7
        ),
        lambda m, _: edited(m, cache_read_input_token_cost=None),
        lambda m, _: edited(m, cache_read_input_token_cost=1e-07),
        lambda m, _: edited(m, output_cost_per_token=-1),
        lambda m, _: edited(m, output_cost_per_token=5e-06),
        lambda m, _: without(m, "globex/model-02"),
        lambda m, _: {**m, "globex/model-02": small_map()["globex/model-02"]},
        lambda m, n: edited(m, f"acme/new-{n % 3}", input_cost_per_token=1.2e-06),
        lambda m, n: without(m, f"acme/new-{n % 3}"),
        lambda m, n: edited(m, "hooli/model-05", max_input_tokens=100_000 + n),
        lambda m, _: m,
    ]
)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(EDITS, st.integers(0, 9)), min_size=2, max_size=8))
def test_rebuilt_history_equals_what_was_synced(edits):
    """Whatever a map goes through, replaying its captures gives the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        trail = Trail(f"sqlite:///{folder}/trail.db", Path(folder))
        said = small_map()
        trail.sync(said, "2025-01-06")
        for number, (edit, value) in enumerate(edits):
            said = edit(said, value)
            trail.sync(said, DAYS[number + 1])
        before = trail.tables.projection()
        trail("rebuild")
        assert trail.tables.projection() == before


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(st.tuples(EDITS, st.integers(0, 9)), min_size=3, max_size=6),
    st.randoms(use_true_random=False),
)
def test_history_does_not_depend_on_the_order_of_syncs(edits, random):
    """Captures applied in any order give the rows of those applied in time's order."""
    said = [small_map()]
    for edit, value in edits:
        said.append(edit(said[-1], value))
    order = list(range(len(said)))
    found = []
    for numbers in (order, random.sample(order, len(order))):
        with tempfile.TemporaryDirectory() as folder:
            trail = Trail(f"sqlite:///{folder}/trail.db", Path(folder))
            played(trail, numbers, said)
            found.append(trail.tables.history())
    assert found[0] == found[1]

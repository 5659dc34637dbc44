"""Syncs of a map that was edited: each edit gives exactly its change."""

from tests.support import maps
from tests.support.maps import IMAGE, KEY, edited, renamed, small_map, without

DAYS = ("2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27")
SECOND = "2025-01-13T00:00:00Z"
THIRD = "2025-01-20T00:00:00Z"


def played(trail, *said):
    """Sync these maps, a week apart; the last run."""
    runs = [trail.sync(one, at) for one, at in zip(said, DAYS, strict=False)]
    return runs[-1]


def test_a_changed_price_is_one_step(trail):
    """A price that doubled closes one period, opens one, and is one change."""
    ran = played(trail, small_map(), edited(small_map(), input_cost_per_token=2.02e-06))
    assert ran.code == 0
    assert ": 1 changed\n" in ran.out
    assert trail.tables.steps(SECOND) == [(KEY, "input", "changed", 1.01, 2.02)]
    assert trail.tables.standing(KEY) == {
        "input": 2.02,
        "output": 4.04,
        "cache_read": 0.101,
    }


def test_float_noise_is_no_change(trail):
    """A price that differs after its twelfth digit is the same price."""
    noisy = edited(small_map(), input_cost_per_token=1.0100000000000002e-06)
    assert played(trail, small_map(), noisy).code == 0
    assert trail.tables.steps(SECOND) == []


def test_another_order_of_keys_is_no_change(trail):
    """A map that says the same in another order changes nothing."""
    turned = {k: dict(reversed(e.items())) for k, e in reversed(small_map().items())}
    assert played(trail, small_map(), turned).code == 0
    assert trail.tables.steps(SECOND) == []
    assert trail.tables.statuses() == {"applied": 2}


def test_a_removed_field_is_withdrawn_at_once(trail):
    """A price that is no longer stated ends; it is neither free nor cut."""
    gone = edited(small_map(), cache_read_input_token_cost=...)
    played(trail, small_map(), gone)
    assert trail.tables.steps(SECOND) == [(KEY, "cache_read", "withdrawn", 0.101, None)]
    assert set(trail.tables.standing(KEY)) == {"input", "output"}


def test_a_null_price_is_withdrawn(trail):
    """Null states no price, like a field that is not there."""
    played(trail, small_map(), edited(small_map(), cache_read_input_token_cost=None))
    assert trail.tables.steps(SECOND) == [(KEY, "cache_read", "withdrawn", 0.101, None)]


def test_a_price_that_returns_is_one_return(trail):
    """Back at the same price after a gap is a return, not a launch."""
    gone = edited(small_map(), cache_read_input_token_cost=...)
    back = edited(small_map(), max_input_tokens=200000)
    played(trail, small_map(), gone, back)
    assert trail.tables.steps(THIRD) == [(KEY, "cache_read", "returned", 0.101, 0.101)]


def test_a_model_missing_once_keeps_its_rates(trail):
    """The first absence is noted and proves nothing."""
    played(trail, small_map(), without(small_map(), KEY))
    assert trail.tables.steps(SECOND) == []
    assert len(trail.tables.standing(KEY)) == 3
    (row,) = trail.tables.rows(
        f"SELECT missing_since, withdrawn_at FROM source_keys WHERE key = '{KEY}'"
    )
    assert tuple(row.values()) == (SECOND, None)


def test_a_model_missing_once_and_back_was_never_gone(trail):
    """A model that one capture left out has no event of it."""
    back = edited(small_map(), max_input_tokens=200000)
    played(trail, small_map(), without(small_map(), KEY), back)
    assert trail.tables.steps(SECOND) == []
    assert trail.tables.steps(THIRD) == []
    assert trail.tables.column("SELECT missing_since FROM source_keys") == [None] * 61


def test_a_model_missing_twice_is_withdrawn_as_of_the_first_time(trail):
    """The second absence withdraws every rate, dated at the first."""
    later = edited(small_map(), "globex/model-02", max_input_tokens=1)
    played(trail, small_map(), without(small_map(), KEY), without(later, KEY))
    assert trail.tables.steps(SECOND) == [
        (KEY, "cache_read", "withdrawn", 0.101, None),
        (KEY, "input", "withdrawn", 1.01, None),
        (KEY, "output", "withdrawn", 4.04, None),
    ]
    assert trail.tables.steps(THIRD) == []
    assert trail.tables.standing(KEY) == {}
    assert (
        trail.tables.one(f"SELECT withdrawn_at FROM source_keys WHERE key = '{KEY}'")
        == SECOND
    )


def test_one_absence_is_enough_at_the_deprecation_date(trail):
    """A model past its stated end is withdrawn by the first absence."""
    ending = edited(small_map(), deprecation_date="2025-01-10")
    played(trail, ending, without(ending, KEY))
    assert [step[2] for step in trail.tables.steps(SECOND)] == ["withdrawn"] * 3


def test_a_renamed_model_is_linked_at_once(trail):
    """A model under a new name with the same card is shown as a rename."""
    new = f"{KEY}-latest"
    played(trail, small_map(), renamed(small_map(), KEY, new))
    assert (
        trail.tables.one(f"SELECT renamed_to FROM source_keys WHERE key = '{KEY}'")
        == new
    )
    assert {s[2] for s in trail.tables.steps(SECOND)} == {"introduced"}


def test_a_renamed_model_stays_linked(trail):
    """The link to the new name outlives the withdrawal of the old one."""
    new = f"{KEY}-latest"
    after = renamed(small_map(), KEY, new)
    later = edited(after, "globex/model-02", max_input_tokens=1)
    played(trail, small_map(), after, later)
    assert (
        trail.tables.one(f"SELECT renamed_to FROM source_keys WHERE key = '{KEY}'")
        == new
    )


def test_free_is_a_price(trail):
    """A price set to zero is believed or held; it is never a withdrawal."""
    played(trail, small_map(), edited(small_map(), cache_read_input_token_cost=0))
    held = trail.tables.counts("holds")["holds"]
    steps = trail.tables.steps(SECOND)
    assert steps == ([] if held else [(KEY, "cache_read", "changed", 0.101, 0)])
    assert trail.tables.standing(KEY)["cache_read"] == (0.101 if held else 0)


def test_a_price_as_text_is_the_number_it_spells(trail):
    """`"0.5"` is the price 0.5."""
    played(trail, small_map(), edited(small_map(), IMAGE, output_cost_per_image="0.5"))
    assert trail.tables.steps(SECOND) == [(IMAGE, "output.image", "changed", 0.4, 0.5)]


def test_the_same_number_as_text_is_no_change(trail):
    """Text that spells the number that stood there changes nothing."""
    played(trail, small_map(), edited(small_map(), IMAGE, output_cost_per_image="0.40"))
    assert trail.tables.steps(SECOND) == []


def test_an_added_price_is_introduced(trail):
    """A price stated for the first time is introduced; `batches` is the batch tier."""
    added = edited(small_map(), input_cost_per_token_batches=5.05e-07)
    played(trail, small_map(), added)
    assert trail.tables.steps(SECOND) == [
        (KEY, "input+batch", "introduced", None, 0.505)
    ]


def test_a_new_model_is_introduced(trail):
    """Each rate of a model met for the first time is introduced."""
    new = edited(
        small_map(),
        "acme/model-99",
        input_cost_per_token=1.2e-06,
        output_cost_per_token=4.9e-06,
    )
    played(trail, small_map(), new)
    assert trail.tables.steps(SECOND) == [
        ("acme/model-99", "input", "introduced", None, 1.2),
        ("acme/model-99", "output", "introduced", None, 4.9),
    ]


def test_another_currency_is_no_price_move(trail):
    """A rate that another field states in another currency is no change of it."""
    moved = edited(small_map(), maps.DBU, input_dbu_cost_per_token=1.4e-05)
    played(trail, small_map(), moved)
    (step,) = trail.tables.steps(SECOND)
    assert step[0] == maps.DBU
    assert step[2:] == ("changed", None, None)
    assert (
        trail.tables.one(
            "SELECT new_price_nano FROM price_changes WHERE kind = 'changed'"
        )
        == 14_000_000_000
    )


def test_facts_are_periods_too(trail):
    """A limit that was raised closes one fact and opens another, without a step."""
    played(trail, small_map(), edited(small_map(), max_input_tokens=200000))
    found = trail.tables.rows(
        "SELECT value, number, valid_from, valid_to FROM facts f JOIN source_keys k "
        f"ON k.id = f.source_key_id WHERE k.key = '{KEY}' "
        "AND f.name = 'max_input_tokens' ORDER BY valid_from"
    )
    assert [tuple(row.values()) for row in found] == [
        ("128000", 128000, "2025-01-06T00:00:00Z", SECOND),
        ("200000", 200000, SECOND, None),
    ]
    assert trail.tables.steps(SECOND) == []


def test_a_field_that_cannot_be_read_is_kept_and_counted(trail):
    """A cost of unknown meaning is stored under its raw name and counted."""
    odd = edited(small_map(), zebra_cost_of_stripes=0.02)
    ran = played(trail, small_map(), odd)
    assert "1 unknown fields" in ran.out
    (step,) = trail.tables.steps(SECOND)
    assert "zebra_cost_of_stripes" in step[1]


def test_an_offer_that_is_told_apart_anew_keeps_its_history(trail):
    """A key whose provider is corrected takes its periods along."""
    moved = edited(small_map(), litellm_provider="globex")
    played(trail, small_map(), moved)
    assert trail.tables.steps(SECOND) == []
    assert set(
        trail.tables.column(
            f"SELECT provider FROM price_history WHERE source_key = '{KEY}'"
        )
    ) == {"globex"}


def test_a_dry_run_says_what_would_change_and_stores_nothing(trail):
    """A rehearsal prints the change and leaves no trace of itself."""
    trail.sync(small_map(), DAYS[0])
    before = trail.tables.counts("captures", "runs", "source_runs", "rates")
    after = edited(small_map(), input_cost_per_token=2.02e-06)
    ran = trail.sync(after, DAYS[1], "--dry-run")
    assert "1 changed" in ran.out
    assert "nothing was stored" in ran.out
    assert trail.tables.counts("captures", "runs", "source_runs", "rates") == before

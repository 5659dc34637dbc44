"""How histories of keys advance, capture by capture."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import litellm
from tracker.domain.money import amount
from tracker.domain.timeline import Reading, Stamp, advance

GONE = object()
"""In a story: the model is not in this capture."""


def day(number):
    """The instant of the n-th capture."""
    return datetime(2026, 1, number, tzinfo=UTC)


class Tale:
    """A source told capture by capture, its cards folded from the changes."""

    def __init__(self):
        """Begin before the first capture."""
        self.cards = {}
        self.day = 0
        self.seen_at = None

    def tell(self, *, complete=True, twice=(), **said):
        """One capture, a day after the last: entries by key. Gives the changes."""
        self.day += 1
        entries = {key: entry for key, entry in said.items() if entry is not GONE}
        statements = {k: litellm.flatten(k, e) for k, e in entries.items()}
        reading = Reading(statements, entries.keys(), dict.fromkeys(twice, "duplicate"))
        stamp = Stamp(day(self.day), self.seen_at, complete)
        changes = {c.key: c for c in advance(self.cards, reading, stamp)}
        self.cards.update({key: change.card for key, change in changes.items()})
        self.seen_at = day(self.day)
        return changes

    def nano(self, key="x", meter="input"):
        """The price that stands, or None."""
        rate = self.cards[key].rates.get(meter)
        return rate.price_nano if rate else None


def costing(price, **more):
    """An entry with this input price in dollars per million."""
    return {"input_cost_per_token": price / 1e6, "litellm_provider": "acme", **more}


def events(change):
    """What a change says happened: meter, kind, interval."""
    whole = (change.since, change.at)
    told = [(s.meter, s.kind, *change.dated.get(s.meter, whole)) for s in change.steps]
    return [
        (meter, kind, since and since.day, at.day) for meter, kind, since, at in told
    ]


@pytest.fixture(name="tale")
def _tale():
    return Tale()


STORIES = {
    "born": ([1], [[("input", "introduced", None, 1)]]),
    "born-later": ([GONE, 1], [[], [("input", "introduced", 1, 2)]]),
    "unchanged": ([1, 1], [[("input", "introduced", None, 1)], []]),
    "changed": (
        [1, 2],
        [[("input", "introduced", None, 1)], [("input", "changed", 1, 2)]],
    ),
    "to-free-and-back": (
        [1, 0, 1],
        [
            [("input", "introduced", None, 1)],
            [("input", "changed", 1, 2)],
            [("input", "changed", 2, 3)],
        ],
    ),
    "missing-once": ([1, GONE, 1], [[("input", "introduced", None, 1)], [], []]),
    "missing-once-then-dearer": (
        [1, GONE, 2],
        [[("input", "introduced", None, 1)], [], [("input", "changed", 1, 3)]],
    ),
    "missing-twice": (
        [1, 1, GONE, GONE, GONE],
        [
            [("input", "introduced", None, 1)],
            [],
            [],
            [("input", "withdrawn", 2, 3)],
            [],
        ],
    ),
    "back-at-the-same-price": (
        [1, GONE, GONE, 1],
        [
            [("input", "introduced", None, 1)],
            [],
            [("input", "withdrawn", 1, 2)],
            [("input", "returned", 3, 4)],
        ],
    ),
    "back-at-another-price": (
        [1, GONE, GONE, GONE, 2],
        [
            [("input", "introduced", None, 1)],
            [],
            [("input", "withdrawn", 1, 2)],
            [],
            [("input", "returned", 4, 5)],
        ],
    ),
    "missing-once-twice-over": (
        [1, GONE, 1, GONE, 1],
        [[("input", "introduced", None, 1)], [], [], [], []],
    ),
}


@pytest.mark.parametrize(("prices", "expected"), STORIES.values(), ids=STORIES)
def test_stories_of_one_price(tale, prices, expected):
    """Each capture adds the events that it proves, dated to the right interval."""
    for price, steps in zip(prices, expected, strict=True):
        changes = tale.tell(x=GONE if price is GONE else costing(price), y=costing(7))
        assert (events(changes["x"]) if "x" in changes else []) == steps


def test_a_field_that_vanishes_is_withdrawn_at_once(tale):
    """A rate that an entry no longer states ends; it is no cut to zero."""
    tale.tell(x=costing(1, output_cost_per_token=2e-6))
    change = tale.tell(x=costing(1))["x"]
    assert events(change) == [("output", "withdrawn", 1, 2)]
    assert (tale.nano(), tale.nano(meter="output")) == (10**9, None)
    change = tale.tell(x=costing(1, output_cost_per_token=2e-6))["x"]
    assert events(change) == [("output", "returned", 2, 3)]


def test_one_entry_may_change_in_several_ways(tale):
    """Rates that come, go and move in one capture share its interval."""
    tale.tell(x=costing(1, output_cost_per_token=2e-6))
    change = tale.tell(x=costing(3, cache_read_input_token_cost=0))["x"]
    assert events(change) == [
        ("cache_read", "introduced", 1, 2),
        ("input", "changed", 1, 2),
        ("output", "withdrawn", 1, 2),
    ]
    assert tale.nano(meter="cache_read") == 0


def test_facts_open_and_close(tale):
    """What an entry says besides prices is kept for as long as it says so."""
    tale.tell(x=costing(1, mode="chat", max_tokens=5))
    change = tale.tell(x=costing(1, mode="embedding"))["x"]
    assert dict(change.facts_opened) == {"mode": "embedding"}
    assert set(change.facts_closed) == {"mode", "max_tokens"}
    assert dict(tale.cards["x"].facts) == {"mode": "embedding"}


def test_a_new_provider_remaps_the_key(tale):
    """A key that sells another offer than before says so and keeps its price."""
    assert not tale.tell(x=costing(1))["x"].remapped
    change = tale.tell(x=costing(1) | {"litellm_provider": "other"})["x"]
    assert change.remapped
    assert change.card.offer.provider == "other"
    assert events(change) == []


@pytest.mark.parametrize("bad", [-1, "dynamic", float("nan"), 1e400, 1e-40], ids=repr)
def test_a_value_that_is_no_price_keeps_the_old_rate(tale, bad):
    """An unbelievable value is held, and what stood before still stands."""
    tale.tell(x=costing(1))
    change = tale.tell(x=costing(1) | {"input_cost_per_token": bad})["x"]
    assert events(change) == []
    assert [hold.meter for hold in change.holds] == ["input"]
    assert tale.nano() == 10**9
    assert set(tale.cards["x"].held) == {"input"}


def test_a_hold_ends_with_a_readable_value(tale):
    """Once the source states a price again, the hold is gone and the price counts."""
    tale.tell(x=costing(1))
    tale.tell(x=costing(-1))
    assert tale.tell(x=costing(-1))["x"].holds == ()
    change = tale.tell(x=costing(2))["x"]
    assert [(s.kind, s.old.price_nano) for s in change.steps] == [("changed", 10**9)]
    assert (tale.nano(), dict(tale.cards["x"].held)) == (2 * 10**9, {})


@pytest.mark.parametrize("how", ["value", "key"])
def test_the_interval_begins_where_the_old_price_was_last_seen(tale, how):
    """A capture that did not show the old price does not narrow the interval."""
    tale.tell(x=costing(1))
    if how == "value":
        tale.tell(x=costing(-1))
    else:
        tale.tell(x=costing(2), twice=["x"])
    assert events(tale.tell(x=costing(2))["x"]) == [("input", "changed", 1, 3)]


def test_a_contradicting_key_is_held_and_released(tale):
    """Of a key stated twice nothing is believed until it is stated once."""
    tale.tell(x=costing(1))
    change = tale.tell(x=costing(2), twice=["x"])["x"]
    assert (events(change), [h.reason for h in change.holds]) == ([], ["duplicate"])
    assert tale.nano() == 10**9
    assert tale.tell(x=costing(2), twice=["x"]) == {}
    change = tale.tell(x=costing(2))["x"]
    assert [(s.kind, s.new.price_nano) for s in change.steps] == [
        ("changed", 2 * 10**9)
    ]
    assert dict(tale.cards["x"].held) == {}


def test_a_contradicting_key_may_be_new(tale):
    """A key first met in contradiction is known, without a price."""
    change = tale.tell(x=costing(2), twice=["x"])["x"]
    assert change.born
    assert dict(change.card.rates) == {}
    change = tale.tell(x=costing(2))["x"]
    assert not change.born
    assert [step.kind for step in change.steps] == ["introduced"]


COSTS = st.sampled_from([0, 0.0, 1e-6, 2e-6, -1, -2e-6, None, "absent"])


@given(st.lists(COSTS, min_size=1, max_size=8))
def test_zero_absent_and_minus_one_never_meet(costs):
    """Free stays free, absent has no rate, and -1 is neither: it changes nothing."""
    tale, believed = Tale(), None
    for cost in costs:
        entry = {"mode": "chat", "input_cost_per_token": cost}
        if cost == "absent":
            del entry["input_cost_per_token"]
        steps = tale.tell(x=entry)["x"].steps
        before = believed
        if cost is None or cost == "absent":
            believed = None
        elif cost >= 0:
            believed = amount(cost, quantum=10**6).nano
        assert tale.nano() == believed
        assert len(steps) == (before != believed)
        for step in steps:
            assert (step.new.price_nano if step.new else None) == believed
            assert (step.kind == "withdrawn") == (believed is None)

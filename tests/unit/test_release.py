"""What becomes of a held value: confirmed, lapsed, accepted, rejected."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from crawler.pages import litellm
from tracker.domain.gate import confirms, examine_rates
from tracker.domain.ratecard import Rate
from tracker.domain.release import Sieve
from tracker.domain.timeline import Reading, Stamp, advance, propose

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class NoMarket:
    """A provider of whom nothing is known."""

    def offers_of(self, _provider):
        """No offers."""
        return 0

    def highest(self, _provider, _meter):
        """No price."""


class Watched:
    """One key behind the gate, told capture by capture."""

    def __init__(self, *, backfill=False, is_map=True):
        """Where the captures come from, and what the source is."""
        self.cards, self.seen_at = {}, None
        self.rules = {"distinct_is_enough": backfill, "is_map": is_map}
        self.decided = {}

    def says(self, day, price, **more):
        """A capture so many days after the first; gives the key's change."""
        entry = {
            "litellm_provider": "acme",
            "input_cost_per_token": price / 1e6,
            **more,
        }
        return self._capture(day, {"x": litellm.flatten("x", entry)})

    def absent(self, day):
        """A capture without the key."""
        return self._capture(day, {})

    def _capture(self, day, said):
        at, first = START + day * DAY, not self.cards
        steps = propose(self.cards, said)
        reasons = {} if first else examine_rates(steps, self.cards, NoMarket())
        sieve = Sieve(
            at,
            reasons,
            lambda *value: self.decided.get(value[2].price_nano),
            partial(confirms, at=at, **self.rules),
        )
        stamp = Stamp(at, self.seen_at)
        changes = advance(
            self.cards, Reading(said, said, {}), stamp, proposals=steps, sieve=sieve
        )
        self.cards.update({change.key: change.card for change in changes})
        self.seen_at = at
        return changes[0] if changes else None

    @property
    def price(self):
        """What is believed, in dollars."""
        return self.cards["x"].rates["input"].price_nano / 10**9

    @property
    def waiting(self):
        """What waits."""
        return dict(self.cards["x"].held)


def endings(change):
    """How holds ended, by meter."""
    return [(resolved.meter, resolved.ending) for resolved in change.resolved]


def interval(change, meter="input"):
    """When a step happened, in days after the start."""
    since, at = change.dated.get(meter, (change.since, change.at))
    return since and (since - START) / DAY, (at - START) / DAY


@pytest.fixture(name="watched")
def _watched():
    """A key at 1 dollar that then says 100."""
    watched = Watched()
    watched.says(0, 1)
    return watched


def test_a_jump_waits_and_the_old_price_stands(watched):
    """A held value is put down with its price and the sighting before it."""
    change = watched.says(7, 100)
    (hold,) = change.holds
    assert (hold.meter, hold.reason, hold.status) == ("input", "jump", "pending")
    assert hold.rate == Rate(100 * 10**9, "USD")
    assert hold.previous_at == START
    assert (change.steps, watched.price) == ((), 1)
    assert watched.waiting["input"].since == START + 7 * DAY


def test_the_rest_of_the_card_does_not_wait(watched):
    """A held input price does not keep a new output price back."""
    change = watched.says(7, 100, output_cost_per_token=3e-6)
    assert [(s.meter, s.kind) for s in change.steps] == [("output", "introduced")]
    assert interval(change, "output") == (0, 7)


@pytest.mark.parametrize(("later", "free"), [(0.5, False), (0.999, False), (1, True)])
def test_live_it_takes_a_day(watched, later, free):
    """Said again within a day a value still waits; a day later it is believed."""
    watched.says(7, 100)
    change = watched.says(7 + later, 100, mode="chat")
    assert watched.price == (100 if free else 1)
    assert endings(change) == ([("input", "released")] if free else [])
    assert bool(watched.waiting) is not free
    assert change.holds == ()


def test_in_a_backfill_the_next_one_is_enough():
    """Captures of a backfill confirm each other however close they lie."""
    watched = Watched(backfill=True)
    watched.says(0, 1)
    watched.says(7, 100)
    assert interval(watched.says(7.1, 100, mode="chat")) == (0, 7)
    assert watched.price == 100


def test_a_released_value_is_dated_when_it_was_first_said(watched):
    """However long it waited, a price moved when its source first said so."""
    watched.says(7, 100)
    watched.says(7.3, 100, mode="chat")
    watched.says(7.6, 100, mode="embedding")
    change = watched.says(14, 100, mode="chat")
    assert interval(change) == (0, 7)
    assert [(s.kind, s.old.price_nano) for s in change.steps] == [("changed", 10**9)]


def test_only_the_released_rate_is_dated_back(watched):
    """What is first said by the confirming capture happened by then, not before."""
    watched.says(7, 100)
    change = watched.says(14, 100, output_cost_per_token=3e-6)
    assert interval(change, "input") == (0, 7)
    assert interval(change, "output") == (7, 14)


def test_another_value_lets_the_hold_lapse(watched):
    """A source that says something ordinary instead is believed as of now."""
    watched.says(7, 100)
    change = watched.says(14, 2)
    assert endings(change) == [("input", "lapsed")]
    assert (watched.price, watched.waiting) == (2, {})
    assert interval(change) == (0, 14)


def test_back_at_the_old_price_nothing_happened(watched):
    """A spike that is gone by the next capture leaves no step behind."""
    watched.says(7, 100)
    change = watched.says(14, 1)
    assert (endings(change), change.steps, watched.waiting) == (
        [("input", "lapsed")],
        (),
        {},
    )


def test_a_second_strange_value_begins_its_own_wait(watched):
    """A hundred and then two hundred do not confirm each other."""
    watched.says(7, 100)
    change = watched.says(14, 200)
    assert endings(change) == [("input", "lapsed")]
    assert [hold.rate.price_nano for hold in change.holds] == [200 * 10**9]
    assert watched.waiting["input"].since == START + 14 * DAY
    assert watched.price == 1


def test_two_strange_values_do_not_narrow_the_interval(watched):
    """The price moved after the day on which the old one was last seen."""
    watched.says(7, 100)
    watched.says(14, 200)
    assert interval(watched.says(21, 200, mode="chat")) == (0, 14)


def test_an_absence_does_not_narrow_the_interval(watched):
    """A key that comes back with a strange price was last seen before it went."""
    watched.absent(7)
    watched.says(14, 100)
    assert interval(watched.says(21, 100, mode="chat")) == (0, 14)


def test_a_value_that_cannot_be_read_ends_the_wait(watched):
    """What waited lapses when the source writes something that is no price."""
    watched.says(7, 100)
    change = watched.says(14, -1)
    assert endings(change) == [("input", "lapsed")]
    assert [hold.reason for hold in change.holds] == ["negative"]
    assert watched.price == 1


def test_a_key_that_is_given_up_takes_its_hold_along(watched):
    """Nothing waits for a key that its source has withdrawn."""
    watched.says(7, 100)
    watched.absent(14)
    change = watched.absent(21)
    assert endings(change) == [("input", "lapsed")]
    assert [step.kind for step in change.steps] == ["withdrawn"]


def test_missing_once_does_not_end_the_wait(watched):
    """A key missing from one capture is confirmed when it is back."""
    watched.says(7, 100)
    watched.absent(14)
    assert watched.price == 1
    assert interval(watched.says(21, 100)) == (0, 7)
    assert watched.price == 100


@pytest.mark.parametrize(("is_map", "price"), [(True, 4), (False, 1)])
def test_a_page_does_not_release_what_its_parser_may_have_swapped(is_map, price):
    """Repeated, a swap is believed of a map; of a page it waits for somebody else."""
    watched = Watched(is_map=is_map)
    watched.says(0, 1, output_cost_per_token=4e-6)
    for day in (7, 14, 21):
        watched.says(day, 4, output_cost_per_token=1e-6, max_tokens=day)
    assert watched.price == price


def test_an_accepted_value_passes_at_its_first_sighting(watched):
    """A value that a person accepted before never waits."""
    watched.decided[100 * 10**9] = "accept"
    change = watched.says(7, 100)
    assert (change.holds, interval(change), watched.price) == ((), (0, 7), 100)


def test_an_accepted_hold_is_dated_at_its_first_sighting(watched):
    """Accepted while it waits, a value counts from when it was first said."""
    watched.says(7, 100)
    watched.decided[100 * 10**9] = "accept"
    change = watched.says(7.5, 100, mode="chat")
    assert endings(change) == [("input", "accepted")]
    assert interval(change) == (0, 7)


def test_a_rejected_value_never_passes(watched):
    """Repeated ever so often, what a person rejected is not believed."""
    watched.decided[100 * 10**9] = "reject"
    assert [hold.status for hold in watched.says(7, 100).holds] == ["rejected"]
    for day in (14, 21, 28):
        assert watched.says(day, 100, max_tokens=day).steps == ()
    assert watched.price == 1


def test_an_ordinary_value_may_be_rejected(watched):
    """A decision counts where the gate has no objection of its own."""
    watched.decided[2 * 10**9] = "reject"
    assert [hold.reason for hold in watched.says(7, 2).holds] == ["rejected"]
    assert watched.price == 1


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_a_decision_is_on_exactly_one_value(watched, decision):
    """What was decided on a hundred says nothing of a hundred and one."""
    watched.decided[100 * 10**9] = decision
    assert [hold.status for hold in watched.says(7, 101).holds] == ["pending"]
    assert watched.price == 1

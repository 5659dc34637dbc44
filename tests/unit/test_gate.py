"""What the gate holds, at the borderline of each rule."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.domain import gate
from tracker.domain.diff import diff
from tracker.domain.gate import Census, examine_capture, examine_rates
from tracker.domain.offers import Offer
from tracker.domain.ratecard import Held, KeyCard, Rate

USD = 10**9
T0 = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Market:
    """A provider with so many offers, and the dearest it ever charged."""

    def __init__(self, offers=100, *, sellers=0, **highest):
        """By default far too many offers for a slice, and nothing dear."""
        self.offers, self.sellers = offers, sellers
        self.dearest = {
            meter: rate(price).price_nano for meter, price in highest.items()
        }

    def offers_of(self, provider):
        """How many offers it has."""
        return self.offers if provider == "acme" else 0

    def highest(self, provider, meter):
        """The dearest it ever charged on a meter."""
        return self.dearest.get(meter) if provider == "acme" else None

    def sellers_above(self, provider, meter, nano):
        """How many others charge as much on a meter."""
        return self.sellers


def rate(price, currency="USD"):
    """A price in dollars."""
    return Rate(round(price * USD), currency)


def rates(prices):
    """Prices in dollars as rates."""
    return {meter: rate(price) for meter, price in prices.items()}


def held(before, after, market=None, earlier=None, key="x"):
    """What is held of one key that goes from one card to another."""
    was, now = rates(before), rates(after)
    past = {meter: (rate(price),) for meter, price in (earlier or {}).items()}
    card = KeyCard(Offer("acme", key), was, earlier=past)
    found = examine_rates({key: diff(was, now, past)}, {key: card}, market or Market())
    return {meter: reason for (_, meter), reason in found.items()}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (1, 12, None),
        (1, 29.999999999, None),
        (1, 30, "jump"),
        (1, 1000, "jump"),
        (30, 1, "jump"),
        (29.999999999, 1, None),
        (1, 10, "tenfold"),
        (10, 1, "tenfold"),
        (1, 10.000000001, None),
        (1, 9.999999999, None),
        (10, 0.999999999, None),
        (0.000000001, 0.00000001, "tenfold"),
        (1, 0, "jump"),
        (0.000000001, 0, "jump"),
        (0, 1, None),
        (0, 9710, None),
        (2, 1, None),
    ],
)
def test_how_far_a_price_may_move(old, new, reason):
    """Thirty times, a thirtieth, exactly ten times and free wait; all less is let by,
    and so is the first price after zero.
    """
    assert held({"input": old}, {"input": new}) == ({"input": reason} if reason else {})


def test_a_price_that_comes_back_is_measured_too():
    """A meter that returns at forty times what it last cost waits."""
    assert held({}, {"input": 40}, earlier={"input": 1}) == {"input": "jump"}
    assert held({}, {"input": 4}, earlier={"input": 1}) == {}


def test_what_goes_is_never_held():
    """A rate that is withdrawn passes."""
    assert held({"input": 1, "output": 2}, {}) == {}


@pytest.mark.parametrize(
    ("before", "after", "meters"),
    [
        ((1, 4), (4, 1), {"input", "output"}),
        ((4, 1), (1, 4), {"input", "output"}),
        ((1, 4), (4, 2), set()),
        ((1, 4), (2, 1), set()),
        ((1, 4), (4, 4), set()),
    ],
)
@pytest.mark.parametrize("tail", ["", "+batch", "@>200k"])
def test_input_and_output_that_change_places_wait(before, after, meters, tail):
    """Both sides of an exact swap wait, in every tier; half a swap does not."""
    names = [f"input{tail}", f"output{tail}"]
    found = held(
        dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True))
    )
    assert found == {f"{meter}{tail}": "swapped" for meter in meters}


def test_a_swap_across_tiers_is_none():
    """The batch input at the standard output's price has swapped with nothing."""
    before = {"input+batch": 1, "output": 4}
    assert held(before, {"input+batch": 4, "output": 1}) == {}


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        ({"input": 1, "cache_read": 0.1}, {"input": 1, "cache_read": 1}, "tenfold"),
        ({"input": 1, "cache_read": 0.2}, {"input": 1, "cache_read": 1}, True),
        ({"input": 1, "cache_read": 0.2}, {"input": 1, "cache_read": 1.1}, True),
        ({"input": 1, "cache_read": 0.2}, {"input": 1, "cache_read": 0.999}, False),
        ({"input": 1, "cache_read": 1.5}, {"input": 1, "cache_read": 2}, False),
        ({"input": 1, "cache_read": 0.2}, {"input": 5, "cache_read": 1}, False),
        ({"input": 1, "cache_read": 0.2}, {"input": 0, "cache_read": 0.4}, False),
        ({"cache_read": 0.2}, {"cache_read": 0.4}, False),
        (
            {"input": 3, "cache_read": 0.3, "cache_write": 2},
            {"input": 3, "cache_read": 2, "cache_write": 2},
            True,
        ),
        (
            {"input": 3, "cache_read": 1, "cache_write": 1},
            {"input": 3, "cache_read": 2, "cache_write": 2},
            False,
        ),
        (
            {"input": 3, "cache_read": 0.3, "cache_write": 0},
            {"input": 3, "cache_read": 0.2, "cache_write": 0},
            False,
        ),
    ],
)
def test_a_cached_price_that_turns_upside_down_waits(before, after, waits):
    """A cached price that was cheaper than input, or than writing, and is not now,
    waits; one that always was dearer is let by.
    """
    reason = waits if isinstance(waits, str) else "cache_upside_down"
    assert held(before, after).get("cache_read") == (reason if waits else None)


@pytest.mark.parametrize(
    ("price", "highest", "waits"),
    [(10, 1, False), (10.000000001, 1, True), (101, 1, True), (101, 0, False)],
)
def test_a_dear_newcomer_waits(price, highest, waits):
    """A new rate beyond ten times all that its provider ever charged waits."""
    found = held({}, {"input": price}, Market(input=highest))
    assert found == ({"input": "dear_newcomer"} if waits else {})


@pytest.mark.parametrize(("sellers", "waits"), [(0, True), (2, True), (3, False)])
def test_a_price_that_others_charge_is_no_dear_newcomer(sellers, waits):
    """Where three other providers charge as much, a dear new rate passes."""
    found = held({}, {"input": 11}, Market(input=1, sellers=sellers))
    assert found == ({"input": "dear_newcomer"} if waits else {})


@pytest.mark.parametrize(
    ("before", "after", "highest", "waits"),
    [
        ({}, {"input+batch": 20}, {"input+batch": 1, "input": 2}, set()),
        ({}, {"input+batch": 21}, {"input+batch": 1, "input": 2}, {"input+batch"}),
        ({"input": 20}, {"input+batch": 40}, {"input+batch": 1}, set()),
        ({"input": 20}, {"input+batch": 41}, {"input+batch": 1}, {"input+batch"}),
        ({"input": 20}, {"cache_write;ttl=1h": 40}, {"cache_write;ttl=1h": 1}, set()),
        ({"input": 20}, {"cache_read": 11}, {"cache_read": 1}, set()),
        ({}, {"input": 4, "cache_read": 4}, {"input": 1, "cache_read": 0.1}, set()),
        (
            {},
            {"input": 11, "cache_read": 4},
            {"input": 1, "cache_read": 0.1},
            {"input", "cache_read"},
        ),
        (
            {"input": 100},
            {"input.audio_token": 11},
            {"input": 100, "input.audio_token": 1},
            {"input.audio_token"},
        ),
    ],
)
def test_a_newcomer_is_dear_beside_its_plain_rate_too(before, after, highest, waits):
    """A tier or a cached price is not dear if the provider, or its own card, charges
    such a price without it; a plain rate that waits itself is no yardstick.
    """
    found = held(before, {**before, **after}, Market(**highest))
    assert found == dict.fromkeys(waits, "dear_newcomer")


def test_the_first_rate_of_a_provider_is_no_newcomer():
    """With nothing to compare, any price is let by; so is another currency's."""
    assert held({}, {"input": 9710}) == {}
    card = KeyCard(Offer("acme", "x"))
    steps = diff({}, {"input": rate(500, "DBU")})
    assert examine_rates({"x": steps}, {"x": card}, Market(input=1)) == {}


def provider(count, ratio=2.0, *, meters=("input",), offers=10, same_offer=False):
    """What is held as so many keys of a provider move by one ratio."""
    cards, proposals = {}, {}
    for n in range(count):
        key = f"m{n}"
        before = rates(dict.fromkeys(meters, n + 1))
        after = rates(dict.fromkeys(meters, (n + 1) * ratio))
        offer = Offer("acme", "one" if same_offer else key)
        cards[key] = KeyCard(offer, before)
        proposals[key] = diff(before, after)
    return examine_rates(proposals, cards, Market(offers))


@pytest.mark.parametrize(
    ("count", "offers", "waits"),
    [(4, 4, False), (5, 10, True), (5, 11, False), (49, 100, False), (50, 100, True)],
)
def test_a_slice_of_a_provider_waits(count, offers, waits):
    """Five offers and half of a provider, moved by one exact ratio, wait; fewer not."""
    found = provider(count, offers=offers)
    assert len(found) == (count if waits else 0)
    assert set(found.values()) <= {"one_ratio"}


def test_offers_are_counted_and_not_their_keys():
    """Five keys of one offer are one offer."""
    assert provider(5, offers=2, same_offer=True) == {}


def test_every_rate_of_the_slice_waits():
    """Input and output that moved alike wait together."""
    assert len(provider(5, meters=("input", "output"))) == 10


def test_a_ratio_that_is_almost_one_is_not_one():
    """Moves that differ in the ninth digit are moves of their own."""
    cards, proposals = {}, {}
    for n in range(6):
        before, after = {"input": Rate(USD, "USD")}, {"input": Rate(2 * USD + n, "USD")}
        cards[f"m{n}"] = KeyCard(Offer("acme", f"m{n}"), before)
        proposals[f"m{n}"] = diff(before, after)
    assert examine_rates(proposals, cards, Market(6)) == {}


def test_two_providers_are_two_slices():
    """Three offers each of two providers are no slice of either."""
    before, after = rates({"input": 2}), rates({"input": 1})
    cards = {
        f"m{n}": KeyCard(Offer("acme" if n % 2 else "b", f"m{n}"), before)
        for n in range(6)
    }
    assert (
        examine_rates(dict.fromkeys(cards, diff(before, after)), cards, Market(3)) == {}
    )


def test_a_reason_of_its_own_comes_before_the_slice():
    """A provider a thousandfold dearer is held for the jump, rate by rate."""
    assert set(provider(6, ratio=1000.0).values()) == {"jump"}


CENSUS = {
    "before": 1000,
    "lost": 0,
    "entries": 1000,
    "novel": 0,
    "changed": 0,
    "gone_back": 0,
}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, None),
        ({"lost": 30}, None),
        ({"lost": 31}, "mass_loss"),
        ({"novel": 200}, None),
        ({"novel": 201}, "unknown_fields"),
        ({"changed": 20, "gone_back": 10}, None),
        ({"changed": 20, "gone_back": 11}, "stale_values"),
        ({"changed": 19, "gone_back": 19}, None),
        ({"lost": 31, "novel": 999}, "mass_loss"),
        ({"before": 0, "novel": 1000}, None),
    ],
)
def test_how_much_of_a_map_may_change_at_once(said, reason):
    """Beyond 3 % lost, 20 % strange, or half of 20 changes gone back, all waits."""
    assert examine_capture(Census(**{**CENSUS, **said})) == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"lost": 100}, None),
        ({"lost": 101}, "mass_loss"),
        ({"novel": 1000}, None),
        ({"changed": 500, "gone_back": 500}, None),
    ],
)
def test_a_router_may_change_more(said, reason):
    """A router's list may lose a tenth, get a new field everywhere and go back."""
    assert examine_capture(Census(**{**CENSUS, **said}), gate.ROUTER_LIMITS) == reason


@pytest.mark.parametrize(
    ("new", "back"),
    [(rate(3), True), (rate(4), False), (rate(3, "EUR"), False)],
)
def test_what_goes_back_is_a_value_the_meter_had(new, back):
    """Only a change to a former price of the same meter goes back."""
    past = {"input": (rate(3), rate(5))}
    card = KeyCard(Offer("acme", "x"), {"input": rate(1)}, earlier=past)
    steps = diff(card.rates, {"input": new}, past)
    assert [gate.gone_back(step, card) for step in steps][-1] is back


@pytest.mark.parametrize(
    ("new", "doubted", "is_undone"),
    [(5, True, True), (5, False, False), (3, True, False), (4, True, False)],
)
def test_what_was_doubted_and_is_taken_back_is_undone(new, doubted, is_undone):
    """Only the price before a held one puts things right; an older one does not."""
    past = {"input": (rate(3), rate(5))}
    meters = frozenset({"input"} if doubted else ())
    card = KeyCard(Offer("acme", "x"), {"input": rate(1)}, earlier=past, doubted=meters)
    (step,) = diff(card.rates, {"input": rate(new)}, past)
    assert gate.undone(step, card) is is_undone


@pytest.mark.parametrize(
    ("reason", "later", "backfilled", "is_map", "free"),
    [
        ("jump", 23.99 * HOUR, False, True, False),
        ("jump", 24 * HOUR, False, True, True),
        ("jump", HOUR, True, True, True),
        ("jump", 24 * HOUR, False, False, True),
        ("one_ratio", 24 * HOUR, False, True, True),
        ("one_ratio", 240 * HOUR, False, False, False),
        ("swapped", 240 * HOUR, True, False, False),
        ("tenfold", 24 * HOUR, False, False, True),
    ],
)
def test_when_a_repetition_confirms(reason, later, backfilled, is_map, free):
    """A day later, or the next one of a backfill; never what our own parser may have
    misread twice.
    """
    pending = Held(reason, "2", rate(2), since=T0)
    found = gate.confirms(
        pending, T0 + later, distinct_is_enough=backfilled, is_map=is_map
    )
    assert found is free


def test_what_is_no_price_is_never_confirmed():
    """A value that could not be read has no price to be confirmed."""
    pending = Held("negative", "-1")
    assert not gate.confirms(pending, T0, distinct_is_enough=True, is_map=True)


def test_every_reason_is_explained():
    """Each reason the gate may give has its words."""
    assert {"jump", "tenfold", "mass_loss", "few_offers"} < gate.REASONS.keys()
    assert all(text and text[0].islower() for text in gate.REASONS.values())

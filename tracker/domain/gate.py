"""The gate: what is held back before anything is stored as believed.

It holds the smallest thing that is wrong: a rate, a key, a provider's slice, and
the whole capture only as the last resort. A hold is not a verdict: most of what
it stops is released by the next capture, and applied as of its own instant.

Every threshold is here, with the data it comes from: 107 weekly litellm maps of
2023-10 to 2026-11, in which 2,480 values of existing models changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import gcd
from typing import Protocol

from tracker.domain.diff import Step
from tracker.domain.meters import Meter, parse_meter
from tracker.domain.ratecard import Held, KeyCard, Rate

Proposals = Mapping[str, list[Step]]
"""What a capture would change, by key, before the gate."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where normal ends.

    Attributes:
        jump: a ratio this large, or its inverse, is no price move: the largest
            real one in three years was 12; 208 moves of 30 and more were errors.
        slice_offers, slice_share: so many offers of a provider, and such a share
            of them, moved by exactly one ratio: a page read on its Batch tab.
            Real weeks that do: one (aiml, 7 of 12 offers by 1.238).
        newcomer: a new rate so many times dearer than anything its provider ever
            charged on that meter, or on the plain one: batch for input+batch.
        own: and so many times its own card's plain rate: service tiers and cache
            writes cost twice that at the most. Of 110 real prices that were held
            for being dear on their meter alone, the plain rates let 55 pass, and
            none of the 10 wrong ones.
        sellers: and where so many other providers of the source charge as much on
            that meter, such a price is no news: of the 55 real ones left 47 pass
            so, and one of the wrong ones.
        confirm_after: how much later another capture must say the same.
        same_share: how much of a held capture the next must repeat to confirm it.
            A real mass withdrawal is repeated whole; an ordinary week changes a
            tenth of what a week changed at the most.
    """

    jump: int = 30
    slice_offers: int = 5
    slice_share: float = 0.5
    newcomer: int = 10
    own: int = 2
    sellers: int = 3
    confirm_after: timedelta = timedelta(hours=24)
    same_share: float = 0.8


THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a source may change at once; sources differ in that.

    The defaults are for litellm's map.

    Attributes:
        lost_share: offers lost that are not past their deprecation date. Weeks
            above 3 %: 3 of 106, two of them real mass withdrawals.
        unknown_share: entries that carry field names the last capture did not
            know at all. The most in any week without a gap is 8 %.
        stale_changes, stale_share: of at least so many changed values, such a
            share goes back to an earlier one: a stale branch. The most in a real
            week with 20 changes or more is 19 %.
    """

    lost_share: float = 0.03
    unknown_share: float = 0.20
    stale_changes: int = 20
    stale_share: float = 0.5


LITELLM_LIMITS = Limits()

ROUTER_LIMITS = Limits(lost_share=0.10, unknown_share=1.0, stale_share=1.0)
"""A router's list of some 350 entries loses up to 8 % in an ordinary week, gets a
field on every entry when its API grows, and its prices go back and forth: in 80
weeks of OpenRouter litellm's limits would have held 23."""

NOT_BY_REPETITION = frozenset({"one_ratio", "swapped"})
"""What a parser of ours may have misread; it would misread it again. For a page,
only an independent source or a person releases these; a map is read as it is."""

REASONS = {
    "negative": "a price below zero",
    "not_a_number": "not a number",
    "infinite": "a number without bound",
    "too_small": "smaller than half a billionth of a dollar",
    "too_large": "larger than any price",
    "conflict": "two fields of one entry mean one meter and differ",
    "duplicate_key": "the key occurs twice, with different contents",
    "unread_note": "a note beside the name that is not understood",
    "no_id": "no id beside the name, so it is not known what is sold",
    "not_a_date": "a date that no calendar has",
    "clusters_differ": "one model at two prices, by where it runs",
    "jump": "moved by a factor of 30 or more",
    "tenfold": "moved by exactly ten: a slip of the decimal point?",
    "swapped": "input and output changed places",
    "cache_upside_down": "a cached price that is no longer below the input price",
    "dear_newcomer": "more than ten times what this provider ever charged for it",
    "one_ratio": "half of a provider's offers moved by one exact ratio",
    "few_offers": "fewer offers than the source ever has",
    "mass_loss": "too many offers lost at once",
    "unknown_fields": "too many entries carry fields never seen before",
    "stale_values": "most changed values go back to earlier ones",
}
"""Why something is held, in words."""


class Market(Protocol):
    """What the gate asks about a provider beyond the keys of one capture."""

    def offers_of(self, provider: str) -> int:
        """How many offers of it have a price."""

    def highest(self, provider: str, meter: str) -> int | None:
        """The highest price it ever charged on a meter, in nano-units."""

    def sellers_above(self, provider: str, meter: str, nano: int) -> int:
        """How many other providers ever charged so much on a meter."""


def examine_rates(
    proposals: Proposals, cards: Mapping[str, KeyCard], market: Market
) -> dict[tuple[str, str], str]:
    """The reason for holding a step, by (key, meter), for steps that are held.

    Args:
        proposals: what would change.
        cards: what is known of these keys; a new key is not in it, but its offer
            must be: give a card without rates.
        market: about the providers.
    """
    held: dict[tuple[str, str], str] = {}
    for key, steps in proposals.items():
        provider = cards[key].offer.provider
        for meter, reason in _of_key(steps, cards[key], provider, market).items():
            held[key, meter] = reason
    for key, meter in _slices(proposals, cards, market):
        held.setdefault((key, meter), "one_ratio")
    return held


def _of_key(
    steps: list[Step], card: KeyCard, provider: str, market: Market
) -> dict[str, str]:
    held: dict[str, str] = {}
    for meter in [*_swapped(steps)]:
        held[meter] = "swapped"
    for step in steps:
        if reason := _jump(step):
            held.setdefault(step.meter, reason)
    for meter in _newcomers(steps, card, provider, market):
        held.setdefault(meter, "dear_newcomer")
    for meter in _cache_upside_down(steps, card):
        held.setdefault(meter, "cache_upside_down")
    return held


def _jump(step: Step) -> str | None:
    """A factor of 30 or more, or of exactly 10; to zero counts, from zero not."""
    if step.old is None or step.new is None or step.old.price_nano == 0:
        return None
    old, new = step.old.price_nano, step.new.price_nano
    if new >= THRESHOLDS.jump * old or old >= THRESHOLDS.jump * new:
        return "jump"
    return "tenfold" if new == 10 * old or old == 10 * new else None


def _newcomers(
    steps: list[Step], card: KeyCard, provider: str, market: Market
) -> Iterable[str]:
    """New rates that are dear for their provider, and for their own card as well."""
    dear = {s.meter for s in steps if _is_dear(s, provider, market)}
    after = {**card.rates, **{s.meter: s.new for s in steps if s.new}} if dear else {}
    for meter in sorted(dear):
        plain = _plain(meter, "input" if meter.startswith("cache_") else None)
        beside = _nano(after, plain) if plain not in dear else 0
        if _nano(after, meter) > THRESHOLDS.own * beside:
            yield meter


def _is_dear(step: Step, provider: str, market: Market) -> bool:
    if step.kind != "introduced" or step.new is None or step.new.currency != "USD":
        return False
    highest = market.highest(provider, step.meter)
    if not highest or step.new.price_nano <= THRESHOLDS.newcomer * highest:
        return False
    nano, usual = step.new.price_nano, market.highest(provider, _plain(step.meter))
    if nano <= THRESHOLDS.newcomer * (usual or 0):
        return False
    others = market.sellers_above(provider, step.meter, nano)
    return others < THRESHOLDS.sellers


def _plain(meter: str, component: str | None = None) -> str:
    """The meter without tier, context or qualifiers; that of another component."""
    read = parse_meter(meter)
    return Meter(component=component or read.component, unit=read.unit).key


def _swapped(steps: list[Step]) -> Iterable[str]:
    """Input now costs what output did, and the other way round."""
    changed = {s.meter: s for s in steps if s.kind == "changed"}
    for meter, step in changed.items():
        if not meter.startswith("input"):
            continue
        other = changed.get("output" + meter.removeprefix("input"))
        if other and step.new == other.old and other.new == step.old:
            yield meter
            yield other.meter


def _cache_upside_down(steps: list[Step], card: KeyCard) -> Iterable[str]:
    """A cache read that was cheaper than input, or than a cache write, and is not."""
    after = {**card.rates, **{s.meter: s.new for s in steps if s.new}}
    for step in steps:
        if step.kind != "changed" or not step.meter.startswith("cache_read"):
            continue
        rest = step.meter.removeprefix("cache_read")
        reads = _nano(card.rates, step.meter), _nano(after, step.meter)
        inputs = _nano(card.rates, f"input{rest}"), _nano(after, f"input{rest}")
        writes = (
            _nano(card.rates, f"cache_write{rest}"),
            _nano(after, f"cache_write{rest}"),
        )
        if (reads[0] < inputs[0] and 0 < inputs[1] <= reads[1]) or (
            reads[0] != writes[0] and reads[1] == writes[1] > 0
        ):
            yield step.meter


def _nano(rates: Mapping[str, Rate], meter: str) -> int:
    rate = rates.get(meter)
    return rate.price_nano if rate else 0


def _slices(
    proposals: Proposals, cards: Mapping[str, KeyCard], market: Market
) -> Iterable[tuple[str, str]]:
    """Steps of a provider most of whose offers moved by one exact ratio."""
    moved: dict[tuple[str, int, int], list[tuple[str, str]]] = defaultdict(list)
    for key, steps in proposals.items():
        for step in steps:
            if step.kind == "changed" and (ratio := exact_ratio(step)):
                moved[cards[key].offer.provider, *ratio].append((key, step.meter))
    for (provider, _, _), members in moved.items():
        offers = {cards[key].offer for key, _ in members}
        if len(offers) < THRESHOLDS.slice_offers:
            continue
        if len(offers) >= THRESHOLDS.slice_share * market.offers_of(provider):
            yield from members


def exact_ratio(step: Step) -> tuple[int, int] | None:
    """New to old in lowest terms; None from or to zero."""
    if step.old is None or step.new is None:
        return None
    old, new = step.old.price_nano, step.new.price_nano
    if old == 0 or new == 0:
        return None
    common = gcd(old, new)
    return new // common, old // common


@dataclass(frozen=True, slots=True)
class Census:
    """What a capture looks like beside the last one, in counts.

    Attributes:
        before: offers in the last capture.
        lost: of these, gone and not past their deprecation date.
        entries: entries now.
        novel: of these, with field names that the last capture did not know.
        changed: changed values.
        gone_back: of these, to a value the same meter had earlier.
    """

    before: int
    lost: int
    entries: int
    novel: int
    changed: int
    gone_back: int


def examine_capture(census: Census, limits: Limits = LITELLM_LIMITS) -> str | None:
    """The reason for holding a whole capture, if there is one."""
    if census.before and census.lost > limits.lost_share * census.before:
        return "mass_loss"
    if census.before and census.novel > limits.unknown_share * census.entries:
        return "unknown_fields"
    enough = census.changed >= limits.stale_changes
    if enough and census.gone_back > limits.stale_share * census.changed:
        return "stale_values"
    return None


def gone_back(step: Step, card: KeyCard) -> bool:
    """Whether a changed value is one that the meter had before."""
    return step.kind == "changed" and step.new in card.earlier.get(step.meter, ())


def undone(step: Step, card: KeyCard) -> bool:
    """Whether a step takes back a value that had been held until it lasted.

    What was doubted then is no evidence that the capture is stale now.
    """
    before = card.earlier.get(step.meter, ())[-1:]
    return step.meter in card.doubted and (step.new,) == before


def confirms(
    pending: Held, at: datetime, *, distinct_is_enough: bool, is_map: bool
) -> bool:
    """Whether a later capture that says the same releases a held value.

    Its bytes differ, or it would not be looked at: identical bytes never confirm.

    Args:
        pending: the hold.
        at: the later capture's instant.
        distinct_is_enough: in a backfill, where captures lie days apart anyway.
        is_map: the source is a map that is read as it is, not a page.
    """
    if pending.since is None:
        return False
    if not is_map and pending.reason in NOT_BY_REPETITION:
        return False
    return distinct_is_enough or at - pending.since >= THRESHOLDS.confirm_after

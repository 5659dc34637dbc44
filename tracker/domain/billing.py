"""A bill: tokens of a request, priced at the rates of one instant.

**What counts as what.** As in OpenAI's and litellm's usage, `input` is the whole
prompt: tokens read from a cache, written to one, and audio are part of it, not beside
it. `output` is the whole answer, reasoning and audio included. (Anthropic counts
cached tokens beside `input_tokens`: add them before asking.)

**Which rate.** Long-context rates hold for the whole request once its prompt is
longer than their threshold; the highest threshold passed wins. An off-peak rate
replaces any other while its window is open. What has no rate of its own is billed as
what it is a kind of, and says so: cached tokens and audio as input, reasoning as
output; within a tier, what that tier does not price is billed as standard.

**What is never done.** Nothing without a rate is billed as 0, no other currency is
converted, and a tier that the model does not have is an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal
from functools import lru_cache, reduce

from tracker.domain.meters import STANDARD, Meter, tokens_text
from tracker.domain.money import in_units

WINDOW = (("window", "off_peak"),)
_EXACT = Context(prec=80)

REACHING = frozenset({"xai"})
"""Providers whose long-context rate holds from the threshold on, not above it."""


class Unbillable(ValueError):
    """Usage that no bill can be made of; the message says why."""


class NoPrice(Unbillable):
    """There is no price on record for that instant."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens used, by one request or by several alike.

    Attributes:
        input: the whole prompt, with what is cached, written to a cache, or audio.
        output: the whole answer, with reasoning and audio.
        cached: of the input, what was read from a cache.
        cache_write: of the input, what was written to a cache.
        reasoning: of the output, what was reasoned and not shown.
        audio_in: of the input, audio.
        audio_out: of the output, audio.
        requests: how many requests these are the sum of; the context length that
            long-context rates ask for is that of the average one.

    Raises:
        Unbillable: a number is negative, or a part is more than the whole.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_in: int = 0
    audio_out: int = 0
    requests: int = 1

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 0:
                raise Unbillable(f"{name} is negative: {getattr(self, name)}")
        if self.requests < 1:
            raise Unbillable("requests has to be 1 or more")
        if self.text_in < 0:
            raise Unbillable(
                f"cached, cache_write and audio_in are part of input, and together "
                f"more than it ({self.input - self.text_in:,} of {self.input:,})"
            )
        if self.text_out < 0:
            raise Unbillable(
                f"reasoning and audio_out are part of output, and together more than "
                f"it ({self.output - self.text_out:,} of {self.output:,})"
            )

    @property
    def text_in(self) -> int:
        """The input that is neither cached, nor written to a cache, nor audio."""
        return self.input - self.cached - self.cache_write - self.audio_in

    @property
    def text_out(self) -> int:
        """The output that is neither reasoning nor audio."""
        return self.output - self.reasoning - self.audio_out


@dataclass(frozen=True, slots=True)
class Rate:
    """A price believed at the instant of the bill.

    Attributes:
        meter: what it is for.
        nano: billionths of the currency per quantum of the meter.
        currency: `USD`, or one that is not billed.
        since: when it began to hold.
        basis: `published`, `corrected` or `dated`.
        source: whose word it is.
    """

    meter: Meter
    nano: int
    currency: str = "USD"
    since: datetime | None = None
    basis: str = "published"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of a request.

    Attributes:
        tier: the service tier.
        off_peak: whether it was made while an off-peak window was open.
        factor: what a region or a mode multiplies every rate by.
        why: what the factor is for.
        reaching: whether long-context rates hold from their threshold on.
    """

    tier: str = STANDARD
    off_peak: bool = False
    factor: Decimal = Decimal(1)
    why: str = ""
    reaching: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: `tokens` of `part` at a rate; `usd` is exact."""

    part: str
    tokens: int
    rate: Rate
    usd: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Tokens for which there is no rate."""

    part: str
    tokens: int
    why: str


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of a bill, and what could not be billed."""

    lines: tuple[Line, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def usd(self) -> Decimal | None:
        """The exact sum in dollars; None if something has no rate."""
        if self.missing:
            return None
        return added(line.usd for line in self.lines)


_Place = tuple[str, str, str, bool]
"""Component, unit, tier, and whether it is for off-peak hours."""


@dataclass(frozen=True)
class Card:
    """The rates of one offer at one instant, found by what they are for.

    Attributes:
        rates: those in dollars, by place and context threshold.
        foreign: currencies of rates that are not in dollars, by place.
    """

    rates: Mapping[_Place, Mapping[int, Rate]]
    foreign: Mapping[_Place, str] = field(default_factory=dict)

    @property
    def tiers(self) -> list[str]:
        """The service tiers that have a rate for tokens, standard first."""
        found = {tier for _, _, tier, _ in self.rates}
        return sorted(found, key=lambda tier: (tier != STANDARD, tier))

    def has(self, component: str, unit: str, tier: str) -> bool:
        """Whether a tier has a rate of its own for this."""
        return (component, unit, tier, False) in self.rates

    def find(self, component: str, unit: str, length: int, terms: Terms) -> Rate | None:
        """The rate for a component in a request of that context length."""
        if terms.off_peak:
            special = self.rates.get((component, unit, STANDARD, True), {})
            if special:
                return special[max(special)]
        own = self.rates.get((component, unit, terms.tier, False), {})
        standard = self.rates.get((component, unit, STANDARD, False), {})
        for above in sorted({*own, *standard}, reverse=True):
            if length > above or not above or (terms.reaching and length == above):
                return own.get(above) or standard[above]
        return None


def card(rates: Iterable[Rate]) -> Card:
    """Order rates by what they are for.

    Rates with qualifiers other than the off-peak window (a longer cache lifetime, a
    picture's size) are for what `Usage` does not count.
    """
    found: dict[_Place, dict[int, Rate]] = {}
    foreign: dict[_Place, str] = {}
    for rate in rates:
        meter = rate.meter
        if meter.qualifiers not in ((), WINDOW) or not meter.unit.endswith("token"):
            continue
        place = (meter.component, meter.unit, meter.tier, bool(meter.qualifiers))
        if rate.currency == "USD":
            found.setdefault(place, {})[meter.context_above] = rate
        else:
            foreign[place] = rate.currency
    return Card(found, foreign)


def bill(usage: Usage, rates: Card, terms: Terms) -> Bill:
    """Price the tokens of a request, or of several alike.

    Args:
        usage: how many tokens of which kind.
        rates: the card of the offer at the instant of the request.
        terms: tier, off-peak window, multiplier.

    Raises:
        Unbillable: the offer does not have the tier; the message names those it has.
    """
    if rates.tiers and terms.tier not in {*rates.tiers, STANDARD}:
        raise Unbillable(f"no tier {terms.tier!r}; it has: {', '.join(rates.tiers)}")
    length = -(-usage.input // usage.requests)
    lines: list[Line] = []
    missing: list[Missing] = []
    for part, tokens, component, unit in _parts(usage):
        if not tokens:
            continue
        found = _rate(rates, component, unit, length, terms)
        if found is None:
            missing.append(_missing(rates, part, tokens, (component, unit)))
        else:
            lines.append(_line(part, tokens, found, (component, unit), terms))
    return Bill(tuple(lines), tuple(missing))


def _parts(usage: Usage) -> tuple[tuple[str, int, str, str], ...]:
    return (
        ("input", usage.text_in, "input", "token"),
        ("cached", usage.cached, "cache_read", "token"),
        ("cache_write", usage.cache_write, "cache_write", "token"),
        ("audio_in", usage.audio_in, "input", "audio_token"),
        ("output", usage.text_out, "output", "token"),
        ("reasoning", usage.reasoning, "reasoning", "token"),
        ("audio_out", usage.audio_out, "output", "audio_token"),
    )


_KIND_OF = {
    ("cache_read", "token"): "input",
    ("cache_write", "token"): "input",
    ("input", "audio_token"): "input",
    ("reasoning", "token"): "output",
    ("output", "audio_token"): "output",
}
"""What is billed where there is no rate of its own."""


def _rate(
    rates: Card, component: str, unit: str, length: int, terms: Terms
) -> Rate | None:
    whole = _KIND_OF.get((component, unit))
    tier = terms.tier
    plain = component == "reasoning" and not rates.has("reasoning", "token", tier)
    if plain and tier != STANDARD and rates.has("output", "token", tier):
        # A tier's own price of the answer says more of its reasoning than the
        # standard tier's price of reasoning does.
        return rates.find("output", "token", length, terms)
    found = rates.find(component, unit, length, terms)
    if found is None and whole is not None:
        return rates.find(whole, "token", length, terms)
    return found


def _line(
    part: str, tokens: int, rate: Rate, asked: tuple[str, str], terms: Terms
) -> Line:
    notes = []
    meter = rate.meter
    if (meter.component, meter.unit) != asked and part != "reasoning":
        notes.append(f"no rate for {part}; billed as {meter.component}")
    above = f"prompt above {tokens_text(meter.context_above)}"
    if meter.tier != terms.tier and not meter.qualifiers:
        where = f" for a {above}" if meter.context_above else ""
        notes.append(f"no {terms.tier} rate{where}; billed as {meter.tier}")
    elif meter.context_above:
        notes.append(above)
    if meter.qualifiers:
        notes.append("off-peak")
    if terms.factor != 1:
        notes.append(f"×{terms.factor} {terms.why}")
    usd = dollars(rate, tokens, terms.factor)
    return Line(part, tokens, rate, usd, "; ".join(notes))


def added(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts, however many."""
    return reduce(_EXACT.add, amounts, Decimal(0))


@lru_cache(maxsize=65536)
def _product(nano: int, quantum: int, tokens: int) -> Decimal:
    return _EXACT.divide(
        _EXACT.multiply(in_units(nano), Decimal(tokens)), Decimal(quantum)
    )


def dollars(rate: Rate, tokens: int, factor: Decimal = Decimal(1)) -> Decimal:
    """What so many tokens cost at a rate, exact."""
    cost = _product(rate.nano, rate.meter.quantum, tokens)
    return cost if factor == 1 else _EXACT.multiply(cost, factor)


def _missing(rates: Card, part: str, tokens: int, asked: tuple[str, str]) -> Missing:
    named = {asked[0], _KIND_OF.get(asked, asked[0])}
    for (component, _, _, _), currency in rates.foreign.items():
        if component in named:
            return Missing(part, tokens, f"priced in {currency}, not in dollars")
    return Missing(part, tokens, f"no rate for {part}")

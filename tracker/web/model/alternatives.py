"""What else would do: other models at a similar price that can as much.

An alternative is of the same mode, can all that the model can, takes no less than half
of its context, and costs no more than two and a half times as much. Those who make a
model come before those who resell it; the very same model elsewhere is no alternative
(`elsewhere` tells of it).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tracker.asking.assortment import CAPABILITIES, Sold
from tracker.reports.wording import plain, price, step
from tracker.web.model.market import CONVERSATION, Candidate, Market

SHOWN = 6
FROM = Decimal("0.4")
"""What costs less than this part of the price is cheaper, not similar."""
UPTO = Decimal("2.5")
CHEAPER = 2
"""How many of those that are far cheaper are shown beside the similar ones."""
OF_ONE = 2
"""How many of one provider are shown, as long as there are others."""
NEAR = 0.12
"""Prices that are so near to each other, by their logarithm, are alike: the newer
model comes first."""


_ABLE = {
    **{word: word for word in CAPABILITIES if word != "open"},
    "json": "JSON schema",
    "cache": "prompt caching",
    "pdf": "PDF input",
    "audio": "audio input",
    "video": "video input",
    "speech": "audio output",
    "search": "web search",
    "computer": "computer use",
}
"""Capabilities as a page calls them, by the words of CAPABILITIES."""
SAME = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model that would do.

    Attributes:
        sold: its card.
        price: what is compared: a conversation, or the price of a meter.
        text: the same as text.
        ratio: that price by the model's own.
        more: what it can beyond that, in words.
        similar: whether it is at a similar price; else far cheaper.
    """

    sold: Sold
    price: Decimal
    text: str
    ratio: Decimal
    more: tuple[str, ...]
    similar: bool

    @property
    def pct(self) -> str:
        """How much cheaper or dearer it is, in per cent; empty if equal."""
        return "" if abs(self.ratio - 1) < SAME else stepped(self.ratio)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What was found, the most alike first; `basis` is what prices are of."""

    basis: str
    price: Decimal
    found: tuple[Alternative, ...]

    @property
    def text(self) -> str:
        """Its own price."""
        return _text(self.basis, self.price)


def alternatives(
    market: Market, sold: Sold, known: frozenset[str] = frozenset()
) -> Alternatives | None:
    """What would do instead of an offer; None if nothing can be compared with it.

    Args:
        market: what is sold.
        sold: the offer's card.
        known: what it can beside what its card says, in words of CAPABILITIES.
    """
    mine = market.candidate(sold)
    if mine is None or not mine.price:
        return None
    found = tuple(_beside(mine, one, known) for one in chosen(market, mine))
    return Alternatives(mine.basis, mine.price, found)


def chosen(market: Market, mine: Candidate) -> list[Candidate]:
    """The same as they are found, in the order in which they are shown."""
    context = mine.context
    place = (mine.sold.kind, mine.basis, mine.bits, context, mine.price, mine.stem)
    if place not in market.chosen:
        market.chosen[place] = _chosen(market, mine, context)
    return market.chosen[place]


def _chosen(market: Market, mine: Candidate, context: int) -> list[Candidate]:
    """The best of all that fit: similar ones, then those that are far cheaper.
    Resellers are asked only where the makers have too few.
    """
    low = mine.price * FROM
    place = (mine.sold.kind, mine.basis)
    made = _fitting(market.candidates(*place, resold=False), mine, context)
    cheaper = _one_a_model(sorted((o for o in made if o.price < low), key=_cheapness))
    few = _mixed(cheaper, CHEAPER, most=1)
    similar = _alike(mine, [one for one in made if one.price >= low])
    if len(similar) < SHOWN - len(few):
        resold = _fitting(market.candidates(*place, resold=True), mine, context)
        similar = _one_a_model(
            [*similar, *_alike(mine, [one for one in resold if one.price >= low])]
        )
    return [*_mixed(similar, SHOWN - len(few), most=OF_ONE), *few]


def _fitting(every: list[Candidate], mine: Candidate, context: int) -> list[Candidate]:
    """Of offers ordered by price, those that can as much and are not too dear."""
    last = bisect_right(every, mine.price * UPTO, key=lambda one: one.price)
    bits, stem, least = mine.bits, mine.stem, context / 2
    return [
        one
        for one in every[:last]
        if bits & one.bits == bits and one.context >= least and one.stem != stem
    ]


def _alike(mine: Candidate, fitting: list[Candidate]) -> list[Candidate]:
    ordered = sorted(fitting, key=lambda one: _alikeness(mine, one))
    return _one_a_model(ordered)


def _alikeness(mine: Candidate, one: Candidate) -> tuple[object, ...]:
    """Makers first, settled names first, then the nearest price, then the newest."""
    apart = int(abs(one.log - mine.log) / NEAR)
    return one.unsettled, apart, -one.first, one.place, one.sold.offer


def _cheapness(one: Candidate) -> tuple[object, ...]:
    return one.unsettled, one.price, -one.first, one.place, one.sold.offer


def _one_a_model(ordered: Iterable[Candidate]) -> list[Candidate]:
    """The first offer of each model, at its maker's if that fits, too."""
    best: dict[str, Candidate] = {}
    for one in ordered:
        known = best.setdefault(one.stem, one)
        if one.rank < known.rank:
            best[one.stem] = one
    return list(best.values())


def _mixed(ordered: list[Candidate], wanted: int, *, most: int) -> list[Candidate]:
    """The first ones, few of each provider; the others where there is room left."""
    taken: Counter[str] = Counter()
    chosen: list[Candidate] = []
    rest: list[Candidate] = []
    for one in ordered:
        provider = one.sold.offer.provider
        (chosen if taken[provider] < most else rest).append(one)
        taken[provider] += 1
    kept = {id(one) for one in [*chosen, *rest][:wanted]}
    return [one for one in ordered if id(one) in kept]


def about(amount: Decimal) -> str:
    """Dollars as one remembers them: `≈ $0.0006`; what is smaller, to two digits."""
    if not amount:
        return "$0.00"
    rounded = amount.quantize(Decimal("0.0001"))
    if not rounded:
        return f"≈ ${plain(Decimal(f'{amount:.2g}'))}"
    text = format(rounded.normalize(), "f")
    whole, _, fraction = text.partition(".")
    exact = "" if rounded == amount else "≈ "
    return f"{exact}${whole}.{fraction.ljust(2, '0')}"


def stepped(ratio: Decimal) -> str:
    """A ratio of two prices as a step: in per cent, or a factor from ten on."""
    return step(10**9, max(int(ratio * 10**9), 1))


def _beside(mine: Candidate, one: Candidate, known: frozenset[str]) -> Alternative:
    more = [word for word in _ABLE if word in one.sold.can - mine.sold.can - known]
    ratio = one.price / mine.price
    text = _text(one.basis, one.price)
    return Alternative(
        one.sold,
        one.price,
        text,
        ratio,
        tuple(_ABLE[word] for word in more),
        ratio >= FROM,
    )


def _text(basis: str, amount: Decimal) -> str:
    exact = basis != CONVERSATION or not amount
    return price(round(amount * 10**9)) if exact else f"${plain(amount)}"

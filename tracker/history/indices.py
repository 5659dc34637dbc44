"""What a fixed mix of usage costs over time, as an index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from storage.reading.series import Choice
from storage.unit_of_work import Store
from tracker.asking.catalogue import find_offer, known_provider
from tracker.domain.errors import UsageError
from tracker.history.database import When, instant, opened
from tracker.history.frames import periods

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mix:
    """How many tokens are used, one kind in proportion to the other."""

    input: float = 3.0
    output: float = 1.0


def price_index(
    basket: str | Mapping[str, float] | Iterable[str],
    *,
    base: When,
    mix: Mix | None = None,
    db: str | Path | None = None,
) -> pd.Series:
    """A chained index of what the same usage costs: 100 at `base`.

    Each step compares only what is priced on both of its sides, so a model that comes
    or goes changes nothing by itself. How a step is averaged depends on the basket:

    - a provider: every offer of it counts alike, whatever it costs (the geometric mean
      of the ratios; Jevons);
    - models with quantities, or a list of models (quantities of 1): the sum of what
      they cost, so that what is dear and much used weighs more (Lowe).

    Believed prices are used: data that was put right makes no step. What is free
    before or after a step is left out of a geometric mean.

    Args:
        basket: a provider's name, models with quantities of the mix, or models.
        base: the instant at which the index is 100.
        mix: the tokens of one unit of usage; 3 of input to 1 of output if None.
        db: the database.

    Returns:
        The index by the instant from which it holds, wherever it changes.

    Raises:
        UsageError: nothing in the basket was priced at `base`, or ever.

    Example:
        >>> price_index({"o3": 2, "gpt-4.1-mini": 10}, base="2025-05-01")
        valid_from
        2025-04-19 00:00:00+00:00    100.000000
        2025-06-14 00:00:00+00:00     33.333333
        Name: price_index, dtype: float64
    """
    used = mix or Mix()
    if used.input < 0 or used.output < 0 or used.input + used.output <= 0:
        raise UsageError("a mix needs some tokens, and none of its parts is negative")
    start = instant(base)
    with opened(db) as store:
        choice, weights = _basket(store, basket)
        times, costs, offers = _costs(store, choice, used)
    if not offers:
        raise UsageError("nothing in the basket has a price for this mix")
    if weights is None:
        links = _jevons(costs)
    else:
        quantities = np.array([weights[name] for name in offers])
        links = _lowe(costs * quantities)
    level = pd.Series(np.exp(np.cumsum(links)), index=times, name="price_index")
    level.index.name = "valid_from"
    at_base = level[: pd.Timestamp(start)]
    if not len(at_base):
        raise UsageError(f"nothing in the basket had a price yet on {base}")
    level = 100.0 * level / at_base.iloc[-1]
    return level[(level != level.shift()).to_numpy()]


_Place = tuple[str, str, str]


def _basket(
    store: Store, basket: str | Mapping[str, float] | Iterable[str]
) -> tuple[Choice, dict[_Place, float] | None]:
    """What is in the basket, and how much of each; None where all count alike."""
    if isinstance(basket, str):
        known_provider(store, basket)
        return Choice(provider=basket), None
    given = basket if isinstance(basket, Mapping) else dict.fromkeys(basket, 1.0)
    if not given or min(given.values()) < 0:
        raise UsageError("a basket holds models with quantities of 0 or more")
    weights: dict[_Place, float] = {}
    offers = []
    for model, quantity in given.items():
        offer = find_offer(store, model).offer
        offers.append(offer)
        place = (offer.provider, offer.model, offer.region)
        weights[place] = weights.get(place, 0.0) + float(quantity)
    return Choice(offers=tuple(offers)), weights


def _costs(
    store: Store, choice: Choice, mix: Mix
) -> tuple[pd.DatetimeIndex, Floats, list[_Place]]:
    """What the mix costs: a row per instant, a column per offer, NaN for no price."""
    frame = periods(store, choice, believed=True)
    frame = frame[frame["meter"].isin(["input", "output"]) & frame["usd"].notna()]
    if not len(frame):
        return pd.DatetimeIndex([]), np.empty((0, 0)), []
    places = pd.MultiIndex.from_frame(frame[["provider", "model", "region"]])
    columns, offers = pd.factorize(places)
    ends = pd.DatetimeIndex(frame["valid_to"].dropna())
    times = pd.DatetimeIndex(frame["valid_from"]).union(ends).unique().sort_values()
    shape = (len(times), len(offers))
    total = np.zeros(shape)
    for meter, tokens in (("input", mix.input), ("output", mix.output)):
        if tokens:
            of = (frame["meter"] == meter).to_numpy()
            total += tokens * _filled(frame[of], columns[of], times, shape)
    priced = np.flatnonzero(~np.all(np.isnan(total), axis=0))
    return times, total[:, priced], [offers[int(n)] for n in priced]


def _filled(
    frame: pd.DataFrame,
    columns: npt.NDArray[np.intp],
    times: pd.DatetimeIndex,
    shape: tuple[int, int],
) -> Floats:
    """Each period's price in every row that it holds in."""
    first = times.searchsorted(frame["valid_from"])
    last = np.where(
        frame["valid_to"].isna(),
        len(times),
        times.searchsorted(frame["valid_to"].fillna(times[-1])),
    )
    held = last - first
    # Counts 0, 1, 2, ... within each period, all periods in one go.
    within = np.arange(held.sum()) - np.repeat(np.cumsum(held) - held, held)
    matrix = np.full(shape, np.nan)
    matrix[np.repeat(first, held) + within, np.repeat(columns, held)] = np.repeat(
        frame["usd"].to_numpy(), held
    )
    return matrix


def _jevons(costs: Floats) -> Floats:
    """The logarithm of each step, as the mean over the offers on both sides of it."""
    logs = np.log(np.where(costs > 0, costs, np.nan))
    steps = np.diff(logs, axis=0)
    counted = (~np.isnan(steps)).sum(axis=1)
    sums = np.nansum(steps, axis=1)
    means = np.divide(sums, counted, out=np.zeros(len(sums)), where=counted > 0)
    return np.concatenate([[0.0], means])


def _lowe(costs: Floats) -> Floats:
    """The logarithm of each step, of the sum over the offers on both sides of it."""
    before, after = costs[:-1], costs[1:]
    both = ~np.isnan(before) & ~np.isnan(after)
    old = np.where(both, before, 0.0).sum(axis=1)
    new = np.where(both, after, 0.0).sum(axis=1)
    ratios = np.divide(new, old, out=np.ones(len(old)), where=(old > 0) & (new > 0))
    return np.concatenate([[0.0], np.log(ratios)])

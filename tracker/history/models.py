"""One model's prices as a step function, and several models side by side."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from storage.reading import queries, series
from storage.reading.series import Choice
from storage.unit_of_work import Store
from tracker.asking.catalogue import find_offer
from tracker.domain.errors import UsageError
from tracker.domain.meters import parse_meter
from tracker.domain.offers import Offer
from tracker.history.database import When, instant, opened
from tracker.history.frames import periods

_RATES = ("input", "output", "cache_read", "cache_write", "reasoning")
_LIMITS = ("max_input_tokens", "max_output_tokens")


def step_series(
    model: str,
    meter: str = "input",
    *,
    source: str | None = None,
    since: When | None = None,
    until: When | None = None,
    exact: bool = False,
    db: str | Path | None = None,
) -> pd.Series:
    """A price as a step function of time, continuous from the right.

    The value at an instant holds from then on, until the next one; NaN (with `exact`
    None) begins a stretch without a price. `series.asof(instant)`, or
    `series.reindex(days, method="ffill")`, gives the price of any instant.

    Args:
        model: as on the command line.
        meter: which price.
        source: as this source said it (by its first key, if it has several for one
            offer) in place of what is believed.
        since: only periods that hold at some time from then on.
        until: only periods that began before.
        exact: dollars as `Decimal` instead of floats.
        db: the database.

    Returns:
        Dollars by the instant from which they hold; empty if there is no such price.

    Example:
        >>> step_series("o3", "output")
        valid_from
        2025-04-19 00:00:00+00:00    40.0
        2025-06-14 00:00:00+00:00     8.0
        Name: openai/o3 output, dtype: float64
    """
    with opened(db) as store:
        offer = find_offer(store, model).offer
        key = parse_meter(meter).key
        choice = Choice(
            offers=(offer,),
            source=source,
            meter=key,
            since=instant(since),
            until=instant(until),
        )
        frame = periods(store, choice, believed=source is None, exact=exact)
    if source is not None and len(frame):
        frame = frame[frame["source_key"] == frame["source_key"].iloc[0]]
    return _steps(frame, f"{offer.text} {key}")


def _steps(frame: pd.DataFrame, name: str) -> pd.Series:
    starts = pd.Series(
        frame["usd"].to_numpy(), index=pd.DatetimeIndex(frame["valid_from"])
    )
    ends = pd.DatetimeIndex(frame["valid_to"].dropna()).difference(starts.index)
    empty = None if starts.dtype == object else np.nan
    gaps = pd.Series([empty] * len(ends), index=ends, dtype=starts.dtype)
    found = pd.concat([starts, gaps]).sort_index() if len(gaps) else starts.sort_index()
    found.index.name = "valid_from"
    return found.rename(name)


def compare(
    models: Iterable[str],
    *,
    at: When | None = None,
    exact: bool = False,
    db: str | Path | None = None,
) -> pd.DataFrame:
    """Models side by side: their plain rates, limits, and when a price last moved.

    Args:
        models: as on the command line.
        at: the instant; None for what is open now.
        exact: dollars as `Decimal` instead of floats.
        db: the database.

    Returns:
        A row per model, in the order given, by offer: dollars per million tokens
        under the meters' names, `output_to_input`, the limits stated today, and
        `last_move`, the instant of the last step that is judged a move.

    Example:
        >>> table = compare(["o3", "gpt-4.1-mini"])
        >>> table[["input", "output", "output_to_input", "last_move"]]
                             input  output  output_to_input                 last_move
        openai/o3              2.0     8.0              4.0 2025-06-14 00:00:00+00:00
        openai/gpt-4.1-mini    0.4     1.6              4.0                       NaT
    """
    wanted = list(models)
    if not wanted:
        raise UsageError("name at least one model")
    with opened(db) as store:
        offers = {offer.text: offer for offer in _found(store, wanted)}
        chosen = tuple(offers.values())
        when = instant(at)
        frame = periods(
            store, Choice(offers=chosen, at=when), believed=True, exact=exact
        )
        moves, limits = _moves(store, offers), _limits(store, offers)
    if when is None:
        frame = frame[frame["valid_to"].isna()]
    table = _rates_table(frame, list(offers))
    return table.join(limits).join(moves)


def _found(store: Store, models: Iterable[str]) -> list[Offer]:
    return [find_offer(store, model).offer for model in models]


def _text(frame: pd.DataFrame) -> pd.Series:
    """The offers of a frame's rows as people write them."""
    text = frame["provider"].astype("str") + "/" + frame["model"].astype("str")
    region = frame["region"].astype("str")
    return text.where(region == "", text + "@" + region)


def _rates_table(frame: pd.DataFrame, offers: list[str]) -> pd.DataFrame:
    plain = frame[frame["meter"].isin(_RATES)]
    by = plain.assign(offer=_text(plain), meter=plain["meter"].astype("str"))
    table = by.pivot_table(
        index="offer", columns="meter", values="usd", aggfunc="first"
    )
    table = table.reindex(index=offers, columns=list(_RATES))
    table.index.name = table.columns.name = None
    ratio = table["output"].astype("float64") / table["input"].astype("float64")
    return table.assign(output_to_input=ratio)


def _limits(store: Store, offers: dict[str, Offer]) -> pd.DataFrame:
    found: dict[str, list[Any]] = {}
    with store.reading() as connection:
        for name, offer in offers.items():
            facts = queries.facts_of(connection, offer)
            found[name] = [facts.get(limit) for limit in _LIMITS]
    frame = pd.DataFrame.from_dict(found, orient="index", columns=list(_LIMITS))
    return frame.apply(pd.to_numeric, errors="coerce").astype("Int64")


def _moves(store: Store, offers: dict[str, Offer]) -> pd.Series:
    """When the last move of each offer was seen."""
    last: dict[str, int] = {}
    with store.reading() as connection:
        for name, offer in offers.items():
            choice = Choice(offers=(offer,), verdict="move", kind="changed")
            seen = series.changes(connection, choice)["observed_at"]
            last[name] = max(seen, default=np.iinfo(np.int64).min)
    instants = np.array(list(last.values()), dtype=np.int64).view("datetime64[s]")
    index = pd.DatetimeIndex(instants).tz_localize("UTC")
    return pd.Series(index, index=list(last), name="last_move")

"""Frames with the columns of the views, made from columns of numbers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from storage.reading import series
from storage.reading.series import NONE, Choice, Columns
from storage.unit_of_work import Store
from tracker.asking.catalogue import find_offer
from tracker.domain.meters import parse_meter, per_text
from tracker.domain.money import in_units
from tracker.history.database import When, instant, opened

Numbers = npt.NDArray[np.int64]

PERIOD_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "component"),
    *("unit", "tier", "context_above", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to"),
)
BELIEVED_COLUMNS = (
    *("provider", "model", "region", "meter", "usd", "price_nano", "per", "currency"),
    *("valid_from", "valid_to", "basis", "source", "known_from"),
)
CHANGE_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "kind"),
    *("old_usd", "new_usd", "per", "pct", "previous_seen_at", "observed_at"),
    *("effective_at", "verdict", "reason", "confidence", "story"),
)
_NAMES = {
    "offer": ("provider", "model", "region"),
    "source": ("source",),
    "source_key": ("source_key",),
    "meter": ("meter", "component", "unit", "tier"),
}
_INSTANTS = (
    *("valid_from", "valid_to", "known_from"),
    *("previous_seen_at", "observed_at", "effective_at"),
)
_WORDS = ("currency", "basis", "kind", "verdict", "reason", "story")


def price_history(
    model: str | None = None,
    *,
    provider: str | None = None,
    source: str | None = None,
    meter: str | None = None,
    since: When | None = None,
    until: When | None = None,
    believed: bool = False,
    exact: bool = False,
    db: str | Path | None = None,
) -> pd.DataFrame:
    """Price periods: the view `price_history`, or `believed_prices`, as a frame.

    Args:
        model: a model as on the command line, or a glob of model names.
        provider: only what this provider sells.
        source: only what this source says.
        meter: only this meter, such as `input` or `output+batch`.
        since: only periods that hold at some time from then on.
        until: only periods that began before.
        believed: what is believed, one period per offer, meter and time, in place of
            what each source said.
        exact: dollars as `Decimal` instead of floats.
        db: the database.

    Returns:
        A row per period, sorted by its names and `valid_from`; `valid_to` is NaT
        where it still holds, `usd` NaN (with `exact` None) in another currency.

    Raises:
        UsageError: no such model, no date, no database.

    Example:
        >>> frame = price_history("o3", meter="input")
        >>> frame[["usd", "per", "valid_from", "valid_to"]]
            usd       per                valid_from                  valid_to
        0  10.0  1M token 2025-04-19 00:00:00+00:00 2025-06-14 00:00:00+00:00
        1   2.0  1M token 2025-06-14 00:00:00+00:00                       NaT
    """
    with opened(db) as store:
        choice = Choice(
            **_chosen(store, model),
            provider=provider,
            source=source,
            meter=parse_meter(meter).key if meter else None,
            since=instant(since),
            until=instant(until),
        )
        return periods(store, choice, believed=believed, exact=exact)


def prices_at(
    at: When,
    model: str | None = None,
    *,
    provider: str | None = None,
    meter: str | None = None,
    known_at: When | None = None,
    as_published: bool = False,
    exact: bool = False,
    db: str | Path | None = None,
) -> pd.DataFrame:
    """Every price of an instant, as it is believed.

    Args:
        at: the instant.
        model: a model as on the command line, or a glob of model names.
        provider: only what this provider sells.
        meter: only this meter.
        known_at: as it was believed at this instant.
        as_published: as the sources said it then.
        exact: dollars as `Decimal` instead of floats.
        db: the database.

    Returns:
        The columns of `believed_prices`; with `as_published`, of `price_history`.

    Example:
        >>> prices_at("2025-06-01", "o3")[["meter", "usd", "basis"]]
            meter   usd      basis
        0   input  10.0  published
        1  output  40.0  published
    """
    with opened(db) as store:
        choice = Choice(
            **_chosen(store, model),
            provider=provider,
            meter=parse_meter(meter).key if meter else None,
            at=instant(at),
        )
        return periods(
            store,
            choice,
            believed=not as_published,
            exact=exact,
            known_at=known_at,
        )


def changes(
    model: str | None = None,
    *,
    provider: str | None = None,
    source: str | None = None,
    meter: str | None = None,
    verdict: str | None = None,
    kind: str | None = None,
    since: When | None = None,
    until: When | None = None,
    min_pct: float | None = None,
    exact: bool = False,
    db: str | Path | None = None,
) -> pd.DataFrame:
    """Price changes with their verdicts: the view `price_timeline` as a frame.

    Args:
        model: a model as on the command line, or a glob of model names.
        provider: only what this provider sells.
        source: only what this source says.
        meter: only this meter.
        verdict: `move`, `correction`, `flap` or `held`.
        kind: `changed`, `introduced`, `withdrawn` or `returned`.
        since: only changes observed from then on.
        until: only changes observed before.
        min_pct: steps of at least so many per cent, up or down.
        exact: dollars as `Decimal` instead of floats.
        db: the database.

    Returns:
        A row per change, oldest first.

    Example:
        >>> found = changes("o3", kind="changed")
        >>> found[["meter", "old_usd", "new_usd", "pct", "verdict"]]
            meter  old_usd  new_usd   pct verdict
        0   input     10.0      2.0 -80.0    move
        1  output     40.0      8.0 -80.0    move
    """
    with opened(db) as store:
        choice = Choice(
            **_chosen(store, model),
            provider=provider,
            source=source,
            meter=parse_meter(meter).key if meter else None,
            verdict=verdict,
            kind=kind,
            since=instant(since),
            until=instant(until),
        )
        with store.reading() as connection:
            found = series.changes(connection, choice)
            names = series.names(connection, found)
    frame = _changes_frame(found, names, exact=exact)
    if min_pct is not None:
        frame = frame[frame["pct"].abs() >= min_pct].reset_index(drop=True)
    return frame


def periods(
    store: Store,
    choice: Choice,
    *,
    believed: bool,
    exact: bool = False,
    known_at: When | None = None,
) -> pd.DataFrame:
    """The periods that are chosen, as a frame."""
    with store.reading() as connection:
        if believed:
            known = instant(known_at)
            found = series.beliefs(connection, choice, known_at=known)
        else:
            found = series.rates(connection, choice)
        names = series.names(connection, found)
    columns = _named(found, names)
    nano = _whole(found["price_nano"])
    columns["price_nano"] = nano
    columns["usd"] = _dollars(nano, found["currency"], exact=exact)
    wanted = BELIEVED_COLUMNS if believed else PERIOD_COLUMNS
    return _sorted(pd.DataFrame({name: columns[name] for name in wanted}))


def _chosen(store: Store, model: str | None) -> dict[str, Any]:
    """A model as people write it: its offer, or a glob."""
    if model is None:
        return {}
    if set(model) & {"*", "?"}:
        return {"model": model}
    return {"offers": (find_offer(store, model).offer,)}


def _changes_frame(
    found: Columns, names: Mapping[str, Columns], *, exact: bool
) -> pd.DataFrame:
    columns = _named(found, names)
    old, new = _whole(found["old_nano"]), _whole(found["new_nano"])
    columns["old_usd"] = _dollars(old, found["currency"], exact=exact)
    columns["new_usd"] = _dollars(new, found["currency"], exact=exact)
    both = (old > 0) & (new != NONE)
    step = np.divide(new - old, old, where=both, out=np.full(len(old), np.nan))
    columns["pct"] = 100.0 * step
    columns["confidence"] = np.array(found["confidence"], dtype=np.float64)
    frame = pd.DataFrame({name: columns[name] for name in CHANGE_COLUMNS})
    return _sorted(frame, first="observed_at")


def _named(found: Columns, names: Mapping[str, Columns]) -> dict[str, Any]:
    """The columns of names and instants behind columns of ids and seconds."""
    columns: dict[str, Any] = {}
    for name, parts in _NAMES.items():
        if f"{name}_id" in found:
            rows = _positions(names[name], found[f"{name}_id"])
            for part in parts:
                of = {"source": "name", "source_key": "key", "meter": "key"}.get(part)
                columns[part] = _category(names[name][of or part], rows)
            if name == "meter":
                columns |= _meter_columns(names[name], rows)
    for name in _INSTANTS:
        if name in found:
            columns[name] = _instants(found[name])
    for name in _WORDS:
        if name in found:
            columns[name] = pd.Categorical(found[name])
    return columns


def _meter_columns(meters: Columns, rows: Numbers) -> dict[str, Any]:
    per = [
        per_text(q, u) for q, u in zip(meters["quantum"], meters["unit"], strict=True)
    ]
    return {
        "context_above": _whole(meters["context_above"])[rows],
        "per": _category(per, rows),
    }


def _positions(names: Columns, ids: Iterable[int]) -> Numbers:
    """Where ids stand in a table of names, which is sorted by id."""
    return np.searchsorted(_whole(names["id"]), _whole(ids))


def _category(values: Iterable[str], rows: Numbers) -> pd.Categorical:
    """A column of names: one text each, and a number per row."""
    whole = pd.Categorical(list(values))
    return whole.take(rows).remove_unused_categories()


def _whole(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, dtype=np.int64)


def _instants(values: Iterable[int]) -> pd.DatetimeIndex:
    """Seconds since 1970 as instants in UTC; `NONE` as NaT."""
    seconds = _whole(values)
    seconds[seconds == NONE] = np.iinfo(np.int64).min
    return pd.DatetimeIndex(seconds.view("datetime64[s]")).tz_localize("UTC")


def _dollars(nano: Numbers, currencies: Iterable[str], *, exact: bool) -> Any:
    """Prices in dollars; none for other currencies and where there is no price."""
    stated = (nano != NONE) & (np.array(list(currencies), dtype=object) == "USD")
    if not exact:
        return np.where(stated, nano / 1e9, np.nan)
    distinct, rows = np.unique(nano, return_inverse=True)
    made = np.array([in_units(int(n)) for n in distinct], dtype=object)[rows]
    made[~stated] = None
    return made


def _sorted(frame: pd.DataFrame, first: str = "") -> pd.DataFrame:
    """By names and time, so that the same history is the same frame."""
    by = ["provider", "model", "region", "source", "source_key", "meter"]
    by = [*([first] if first else []), *(n for n in by if n in frame)]
    by += [name for name in ("valid_from", "kind") if name in frame]
    # Codes of categories stand in the order of their names, and sort as numbers.
    order = np.lexsort([_ranks(frame[name]) for name in reversed(by)])
    return frame.take(order).reset_index(drop=True)


def _ranks(column: pd.Series) -> npt.NDArray[Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes)
    return np.asarray(column.astype("int64"))

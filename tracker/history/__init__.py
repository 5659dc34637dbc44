"""The history of prices as pandas frames and series.

    >>> from tracker import history
    >>> history.step_series("openai/o3", "input")
    valid_from
    2025-04-19 00:00:00+00:00    10.0
    2025-06-14 00:00:00+00:00     2.0
    Name: openai/o3 input, dtype: float64

Every function takes `db`: a URL, the path of an SQLite file, or None for what
`PRICETRAIL_DB` names, else `pricetrail.db` in this folder. Instants are UTC, in whole
seconds; periods are half-open. Names are categorical columns. Prices are in dollars
per `per` (a million tokens, an image, ...), floats; with `exact=True` they are
`Decimal`, and exact. `price_nano` is exact either way.

Dates may be given as text (`2025-06-14`, or with an hour), as `date` or `datetime`, or
as a pandas `Timestamp`; without a zone they are UTC.
"""

from tracker.history.frames import changes, price_history, prices_at
from tracker.history.indices import Mix, price_index
from tracker.history.models import compare, step_series

__all__ = [
    "Mix",
    "changes",
    "compare",
    "price_history",
    "price_index",
    "prices_at",
    "step_series",
]

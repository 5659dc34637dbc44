"""One page of a list that is read whole: the prices of one model."""

from collections.abc import Iterable
from typing import Any

from tracker.domain.meters import meter_place
from tracker.web.api import cursors
from tracker.web.api.asked import Paged

Row = dict[str, Any]
Place = tuple[Any, ...]

_FORM = (cursors.as_instant, cursors.as_text, cursors.as_text, cursors.as_text)


def page_of(rows: Iterable[Row], asked: Paged) -> Row:
    """The rows of a page, plain meters first, and where the next page begins.

    Args:
        rows: periods of prices, in any order.
        asked: which page of them.

    Raises:
        Problem: the cursor is none of this question.
    """
    ordered = sorted(rows, key=lambda row: _order(_place(row)))
    if asked.cursor is not None:
        places = (_place(row) for row in ordered)
        after = cursors.read(asked.question, asked.cursor, _FORM, lambda _: places)
        ordered = [row for row in ordered if _order(_place(row)) > _order(after)]
    shown = ordered[: asked.limit]
    more = len(ordered) > len(shown)
    following = cursors.written(asked.question, _place(shown[-1])) if more else None
    return {"next": following, "rows": shown}


def _place(row: Row) -> Place:
    return row["valid_from"], row["meter"], row["source"], row.get("source_key", "")


def _order(place: Place) -> Place:
    at, meter, source, key = place
    return (*meter_place(meter), at, source, key)

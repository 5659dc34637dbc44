"""Where a change stands on the page of its model."""

from collections.abc import Mapping
from typing import Any

from storage.reading.news import change_name
from tracker.domain.addresses import change_anchor


def anchor_of(row: Mapping[str, Any]) -> str:
    """The id of a change's element: `change-1a2b3c4d5e6f`, the same after a rebuild.

    A link to it is `models/<slug>/#` and this.

    Args:
        row: with source, source_key, meter, kind and observed_at, as the view
            `price_timeline` has them.
    """
    return change_anchor(change_name(row))

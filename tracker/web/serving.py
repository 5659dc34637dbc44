"""Running the server."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tracker.domain.errors import UsageError

if TYPE_CHECKING:
    from storage.unit_of_work import Store


def run(
    store: "Store",
    clock: Callable[[], datetime],
    *,
    host: str,
    port: int,
    url: str,
) -> None:
    """Serve until a signal ends it.

    Raises:
        UsageError: the extra `web` is not installed.
    """
    try:
        import uvicorn

        from tracker.web.app import application
    except ImportError:
        raise UsageError(
            "the web page needs more packages; run: pip install 'pricetrail[web]'"
        ) from None
    app = application(store, clock, url=url)
    uvicorn.run(app, host=host, port=port, log_level="info", server_header=False)

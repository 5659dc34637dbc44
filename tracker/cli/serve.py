"""`pricetrail serve`: the read-only web page and API."""

from typing import Annotated

import typer

from tracker.cli.options import Db


def serve(
    db: Db = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 for any.")
    ] = 8321,
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where readers reach it, for feeds.")
    ] = "",
) -> None:
    """Serve the web page and the API, read-only, until it is stopped."""
    from tracker import wiring
    from tracker.web.serving import run

    with wiring.opened(db) as store:
        run(store, wiring.now, host=host, port=port, url=url)

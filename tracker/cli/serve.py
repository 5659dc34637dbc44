"""`pricetrail serve`: the read-only web page and API."""

import gc
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.output import tell


def serve(
    db: options.Db = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address to listen on. [default: as configured, else 127.0.0.1]",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port; 0 for any. [default: as configured, else 8321]",
            show_default=False,
        ),
    ] = None,
    url: options.Url = None,
) -> None:
    """Serve the web page and the API, read-only, until it is stopped."""
    from tracker import config, wiring
    from tracker.web.serving import Place, run

    found = config.web({"host": host, "port": port, "url": url})
    place = Place(found.host, found.port, found.url)
    gc.enable()  # it runs for weeks
    with wiring.opened(db, watched=True) as store:
        run(store, wiring.now, place, tell)

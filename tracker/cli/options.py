"""Options that many commands share, and the database that their questions go to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.output import Format

if TYPE_CHECKING:
    from storage.unit_of_work import Store

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="Database: sqlite:///FILE or postgresql+psycopg://... "
        "[default: $PRICETRAIL_DB, else sqlite:///pricetrail.db]",
        show_default=False,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Where readers reach the web page, for what needs whole addresses: feeds, "
        "the site map. [default: as configured]",
        show_default=False,
    ),
]
Form = Annotated[
    Format, typer.Option("--format", help="Table for people, JSON or CSV.")
]
Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="An offer (openai/gpt-4.1-mini), a source's own key, or a bare name.",
    ),
]
Since = Annotated[
    str | None, typer.Option(metavar="DATE", help="From this day on (UTC).")
]
Until = Annotated[
    str | None, typer.Option(metavar="DATE", help="Before this day (UTC).")
]
At = Annotated[
    str | None, typer.Option("--at", metavar="ISO", help="As of this day or instant.")
]
Meters = Annotated[
    list[str] | None,
    typer.Option("--meter", metavar="METER", help="Only this meter; repeatable."),
]
Provider = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only what this provider sells.")
]
Source = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only what this source says.")
]

Needs = Annotated[
    str | None,
    typer.Option(
        metavar="LIST", help="Capabilities: vision, tools, json, reasoning, cache, ..."
    ),
]
MinContext = Annotated[
    str | None,
    typer.Option(metavar="N", help="At least so many input tokens: 128k, 1M, 200000."),
]


@contextmanager
def asked(
    db: str | None, *, provider: str | None = None, source: str | None = None
) -> Iterator["Store"]:
    """The database to be asked, once the names in the question are known ones."""
    from tracker import wiring
    from tracker.asking.catalogue import known_provider

    if source is not None:
        wiring.known_source(source)
    with wiring.opened(db) as store:
        known_provider(store, provider)
        yield store


def known_mode(mode: str, known: set[str]) -> None:
    """Refuse a mode that nothing sold is of, with the modes there are.

    Raises:
        UsageError: no such mode.
    """
    from tracker.domain.errors import UsageError

    if known - {""} and mode not in known:
        raise UsageError(
            f"no mode {mode!r}; there is {', '.join(sorted(known - {''}))}"
        )

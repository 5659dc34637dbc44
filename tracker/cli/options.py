"""Options that many commands share."""

from typing import Annotated

import typer

from tracker.cli.output import Format

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

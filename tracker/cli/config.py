"""The command `config`: is the configuration right, and what follows from it."""

from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.output import Format, emit, say, table, tell
from tracker.domain.errors import UsageError

COLUMNS = ("section", "setting", "value", "from")


def config(
    action: Annotated[
        str, typer.Argument(metavar="check|show", help="Is it right; what it says.")
    ],
    *,
    form: options.Form = Format.TABLE,
) -> None:
    """Check the configuration, or show what is in force."""
    if action == "check":
        _check()
    elif action == "show":
        _show(form)
    else:
        raise UsageError("write: pricetrail config check, or pricetrail config show")


def _check() -> None:
    from tracker import config as settings
    from tracker.config import display

    try:
        notes = display.checked()
    except settings.ConfigError as fault:
        for problem in fault.problems:
            tell(f"pricetrail: {settings.find()}: {problem}")
        raise typer.Exit(2) from None
    path = settings.find()
    say(f"{path} is right" if path else "no pricetrail.toml; the usual settings hold")
    for note in notes:
        say(f"note: {note}")


def _show(form: Format) -> None:
    from tracker.config import display

    rows = display.shown()
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
        return
    headers = ["section", "setting", "value", "from"]
    table("", headers, [[row[name] for name in COLUMNS] for row in rows])

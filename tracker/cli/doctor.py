"""The command `doctor`: a self-check, a line for each finding."""

import typer

from tracker.cli import options
from tracker.cli.output import Format, emit, say

COLUMNS = ("check", "status", "text")


def doctor(*, db: options.Db = None, form: options.Form = Format.TABLE) -> None:
    """Look for what is wrong here, and say what to do; 1 if something is."""
    from tracker import wiring
    from tracker.checks.doctor import WRONG, examine

    found = examine(db, wiring.now())
    rows = [
        {"check": each.check, "status": each.status, "text": each.text}
        for each in found
    ]
    if form is not Format.TABLE:
        emit(rows, COLUMNS, form)
    else:
        for row in rows:
            say(f"{row['status']:5}  {row['check']:13}  {row['text']}")
    raise typer.Exit(int(any(each.status == WRONG for each in found)))

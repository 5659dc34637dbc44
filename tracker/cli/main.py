"""The program `pricetrail`: its commands, and how faults reach the user."""

import gc
import io
import sys
from typing import Annotated, NoReturn

import typer

from tracker.cli import (
    captures,
    chart,
    compare,
    config,
    cost,
    db,
    digest,
    disagreements,
    doctor,
    export,
    fill,
    outbox,
    query,
    report,
    review,
    schedule,
    sources,
    timeline,
)
from tracker.cli.output import tell
from tracker.domain.errors import PricetrailError, UsageError

INTERRUPTED = 130
"""What a shell calls a program that was stopped by Ctrl-C."""

app = typer.Typer(
    name="pricetrail",
    help="The history of what LLM APIs cost: every rate, every change, its source.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        print(f"pricetrail {version_of('pricetrail')}")
        raise typer.Exit


for command in (
    fill.sync,
    fill.backfill,
    fill.rebuild,
    query.models,
    query.price,
    query.history,
    chart.chart,
    compare.compare,
    compare.cheapest,
    timeline.changes,
    sources.sources,
    review.review,
    report.report,
    digest.digest,
    outbox.outbox,
    disagreements.disagreements,
    cost.cost,
    export.export,
    schedule.schedule,
    config.config,
    doctor.doctor,
):
    app.command()(command)
app.add_typer(db.app, name="db")
app.add_typer(captures.app, name="captures")


def main() -> None:
    """Run the program; faults are one line, and the exit code says their kind."""
    # A command is short and makes no cycles worth collecting; looking for them
    # took a sixth of a backfill's time.
    gc.disable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            tell("pricetrail: interrupted; what was stored stays, run again to go on")
        raise
    except UsageError as fault:
        _end(fault, 2)
    except PricetrailError as fault:
        _end(fault, 3)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as fault:
        name = f" ({fault.filename})" if fault.filename else ""
        _end(f"{fault.strerror or fault}{name}", 3)


def _end(message: object, code: int) -> NoReturn:
    tell(f"pricetrail: {message}")
    sys.exit(code)

"""The program `pricetrail`: its commands, and how faults reach the user."""

import gc
import io
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from tracker.cli.output import tell
from tracker.domain.errors import PricetrailError, UsageError

INTERRUPTED = 130
"""What a shell calls a program that was stopped by Ctrl-C."""

COMMANDS = {
    "sync": "fill",
    "backfill": "fill",
    "rebuild": "fill",
    "models": "query",
    "price": "query",
    "history": "query",
    "chart": "chart",
    "compare": "compare",
    "cheapest": "compare",
    "changes": "timeline",
    "sources": "sources",
    "review": "review",
    "report": "report",
    "digest": "digest",
    "outbox": "outbox",
    "disagreements": "disagreements",
    "cost": "cost",
    "export": "export",
    "schedule": "schedule",
    "config": "config",
    "doctor": "doctor",
    "db": "db",
    "captures": "captures",
    "serve": "serve",
    "site": "site",
}
"""Each command, in the order of the help, with the module that holds it under its own
name; one that has commands of its own is a Typer app there."""

OWN = {"--help", "--version"}
"""Options of the program itself."""


def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    if version:
        print(f"pricetrail {_edition()}")
        raise typer.Exit


def _edition() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pricetrail")
    except PackageNotFoundError:
        return "(not installed; it runs from a folder of its source)"


def program(words: Sequence[str] = ()) -> typer.Typer:
    """The program, with the command that these words call, or with all of them.

    A command's module is imported only where it is called: importing all took a
    fifth of an unchanged sync's time.
    """
    app = typer.Typer(
        name="pricetrail",
        help="The history of what LLM APIs cost: every rate, every change, its source.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(invoke_without_command=True)(_program)
    called = next((word for word in words if not word.startswith("-")), "")
    for name in (called,) if called in COMMANDS else COMMANDS:
        module = import_module(f"tracker.cli.{COMMANDS[name]}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def main() -> None:
    """Run the program; faults are one line, and the exit code says their kind."""
    # A command is short and makes no cycles worth collecting; looking for them
    # took a sixth of a backfill's time.
    gc.disable()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        _in_order(sys.argv[1:])
        program(sys.argv[1:])()
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


def _in_order(words: Sequence[str]) -> None:
    """Refuse an option that stands before the command: options are the commands'.

    Raises:
        UsageError: it does.
    """
    first = words[0].partition("=")[0] if words else ""
    command = next((word for word in words if word in COMMANDS), None)
    if first.startswith("-") and first not in OWN and command is not None:
        raise UsageError(
            f"{first} goes after the command: pricetrail {command} ... {first} ..."
        )


def _end(message: object, code: int) -> NoReturn:
    tell(f"pricetrail: {message}")
    sys.exit(code)

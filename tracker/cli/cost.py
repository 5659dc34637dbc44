"""The command that bills: some tokens, or a file of usage."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tracker.cli import options
from tracker.cli.output import Format
from tracker.domain.errors import UsageError


def _tokens(word: str, meaning: str) -> Any:
    return typer.Option(word, metavar="N", min=0, help=meaning, show_default=False)


def cost(
    model: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL]", help="What was used; as for price."),
    ] = None,
    *,
    used: Annotated[
        int, _tokens("--input", "Tokens of the prompt, all its parts together.")
    ] = 0,
    output: Annotated[
        int, _tokens("--output", "Tokens of the answer, all its parts together.")
    ] = 0,
    cached: Annotated[
        int, _tokens("--cached", "Of the input, those read from a cache.")
    ] = 0,
    cache_write: Annotated[
        int, _tokens("--cache-write", "Of the input, those written to a cache.")
    ] = 0,
    reasoning: Annotated[
        int, _tokens("--reasoning", "Of the output, those of reasoning.")
    ] = 0,
    audio_in: Annotated[int, _tokens("--audio-in", "Of the input, audio.")] = 0,
    audio_out: Annotated[int, _tokens("--audio-out", "Of the output, audio.")] = 0,
    requests: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many requests these are.")
    ] = 1,
    tier: Annotated[
        str, typer.Option(metavar="TIER", help="batch, flex, priority, ...")
    ] = "",
    region: Annotated[
        str, typer.Option(metavar="REGION", help="Where it was served.")
    ] = "",
    usage: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Bill the rows of a CSV file instead."),
    ] = None,
    at: options.At = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="ISO", help="As believed at this instant."),
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """What usage cost, at the rates of its own day."""
    from tracker import wiring
    from tracker.cli.bill import Asked, bill_file, bill_one
    from tracker.domain.billing import Unbillable, Usage

    try:
        tokens = Usage(
            used, output, cached, cache_write, reasoning, audio_in, audio_out, requests
        )
    except Unbillable as fault:
        raise UsageError(str(fault)) from None
    known = wiring.instant_if_any(known_at)
    if usage is not None:
        if model is not None or tokens != Usage() or tier or region or at is not None:
            raise UsageError("--usage brings models, tokens and days; leave them out")
        bill_file(usage, known, db, form)
    elif model is None:
        raise UsageError("name a MODEL, or a file with --usage FILE")
    elif not (used or output):
        raise UsageError("say how much was used, with --input N and --output N")
    else:
        bill_one(Asked(model, tokens, tier, region, at), known, db, form)

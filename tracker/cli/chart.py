"""The command `chart`: prices over time as a picture or a page."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.cli.output import counted, say, tell

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.asking.charting import Drawing

SUFFIXES = (".svg", ".png", ".html", ".json")
"""What can be written: pictures, a page, or the specification itself."""


class Look(StrEnum):
    """For which paper a picture is made; a page has both."""

    LIGHT = "light"
    DARK = "dark"


def chart(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL...", help="One offer or several.")
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="A .svg, .png or .html."),
    ],
    meter: options.Meters = None,
    since: options.Since = None,
    until: options.Until = None,
    look: Annotated[
        Look, typer.Option("--look", help="Colours; a page follows its reader.")
    ] = Look.LIGHT,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="What stands above the chart.")
    ] = "",
    db: options.Db = None,
) -> None:
    """Draw what models cost over time, with every change and its verdict."""
    from tracker import wiring
    from tracker.asking.catalogue import find_offer
    from tracker.asking.charting import drawing_of
    from tracker.domain.meters import parse_meter

    kind = _kind(output)
    bounds = wiring.span(since, until)
    ends = bounds["until"] or wiring.now()
    meters = [parse_meter(text).key for text in meter or ()]
    with options.asked(db) as store:
        offers = list(dict.fromkeys(find_offer(store, m).offer for m in models))
        drawn = drawing_of(store, offers, meters=meters, until=ends)
    for name in drawn.missing:
        tell(f"no price on record: {name}")
    body = _rendered(drawn, kind, (bounds["since"], ends), look, title)
    output.write_bytes(body)
    lines, sold = counted(len(drawn.series), "line"), counted(len(offers), "offer")
    say(f"{output}: {lines} of {sold}")
    raise typer.Exit(1 if drawn.missing else 0)


def _kind(output: Path) -> str:
    """The suffix of a file, before anything is read."""
    from tracker.domain.errors import UsageError

    kind = output.suffix.lower()
    if kind not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"{output}: a chart's name ends in one of {known}")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: there is no folder {output.parent}")
    return kind


def _rendered(
    drawn: "Drawing",
    kind: str,
    span: "tuple[datetime | None, datetime]",
    look: Look,
    title: str,
) -> bytes:
    """The bytes of the file."""
    import json

    from tracker import charts

    since, ends = span
    specs = {
        one: charts.spec(drawn.series, now=ends, since=since, look=one, title=title)
        for one in dict.fromkeys((look.value, Look.DARK.value))
    }
    spec = specs[look.value]
    if kind == ".png":
        return charts.png(spec)
    if kind == ".svg":
        return charts.svg(spec).encode()
    if kind == ".html":
        return charts.html(spec, dark=specs[Look.DARK.value]).encode()
    return json.dumps(spec, indent=1, ensure_ascii=False).encode()

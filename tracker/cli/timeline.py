"""The command that tells the timeline of price changes."""

from enum import StrEnum
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.output import (
    Format,
    Row,
    counted,
    day,
    dollars,
    emit,
    say,
    stepped,
    table,
)

TIMELINE_COLUMNS = (
    *("provider", "model", "region", "source", "source_key", "meter", "kind"),
    *("old_usd", "new_usd", "per", "pct", "previous_seen_at", "observed_at"),
    *("effective_at", "verdict", "reason", "confidence", "story"),
)


class Verdict(StrEnum):
    """What a change can be found to be."""

    MOVE = "move"
    CORRECTION = "correction"
    FLAP = "flap"
    HELD = "held"


class Kind(StrEnum):
    """What can happen to a rate."""

    CHANGED = "changed"
    INTRODUCED = "introduced"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


def changes(
    *,
    since: options.Since = None,
    until: options.Until = None,
    model: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Model, key or offer; * and ?.")
    ] = None,
    provider: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    meter: Annotated[str | None, typer.Option(metavar="METER")] = None,
    verdict: Annotated[
        Verdict | None, typer.Option(help="What is made of the change.")
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(help="[default for people: changed]", show_default=False),
    ] = None,
    stories: Annotated[
        bool, typer.Option("--stories", help="Changes that belong together, as one.")
    ] = False,
    min_pct: Annotated[
        float | None, typer.Option(metavar="N", help="Steps of at least N per cent.")
    ] = None,
    db: options.Db = None,
    form: options.Form = Format.TABLE,
) -> None:
    """The timeline of price changes, oldest first."""
    from storage import queries
    from tracker import wiring
    from tracker.catalogue import known_provider

    if source:
        wiring.known_source(source)
    filters = {
        **wiring.span(since, until),
        "model": model,
        "provider": provider,
        "source": source,
        "meter": meter,
        "verdict": verdict,
        "kind": kind,
    }
    with wiring.opened(db) as store:
        known_provider(store, provider)
        with store.reading() as connection:
            rows = queries.changes(connection, filters)
    if min_pct is not None:
        rows = [r for r in rows if r["pct"] is not None and abs(r["pct"]) >= min_pct]
    if form is not Format.TABLE:
        emit(rows, TIMELINE_COLUMNS, form)
        return
    shown = rows if kind else [r for r in rows if r["kind"] == "changed"]
    if stories:
        _tell_stories(shown)
    else:
        headers = ["seen", "model", "meter", ">old", ">new", ">step", "verdict"]
        table("", [*headers, "source"], [_change_line(row) for row in shown])
    left = len(rows) - len(shown)
    more = f"; {left:,} more with --kind: launches, withdrawals, returns"
    say(counted(len(shown), "change") + (more if left else ""))


def _tell_stories(rows: list[Row]) -> None:
    """One line per story: a provider, a day and a ratio, with what it means."""
    from tracker.domain.judge import REASONS

    by_story: dict[str, list[Row]] = {}
    for row in rows:
        by_story.setdefault(f"{row['story']}|{row['verdict']}", []).append(row)
    lines = []
    for members in by_story.values():
        first = members[0]
        offers = sorted({r["model"] for r in members})
        step = stepped(first["old_usd"], first["new_usd"]) or first["kind"]
        names = ", ".join(offers[:2]) + (", ..." if offers[2:] else "")
        count = counted(len(offers), "offer")
        words = REASONS.get(first["reason"] or "", "") if first["verdict"] else ""
        place = (first["story"] or "").rpartition("/to ")
        if place[1] and first["verdict"] == "move":
            step, words = "redirect", f"now served as {place[2]}"
        cells = [day(first["observed_at"]), first["provider"], count, step]
        lines.append([*cells, first["verdict"] or "", words, names])
    headers = ["seen", "provider", ">offers", ">step", "verdict", "because", "models"]
    table("", headers, lines)
    say("1 story" if len(by_story) == 1 else f"{len(by_story):,} stories")


def _change_line(row: Row) -> list[str]:
    name = f"{row['provider']}/{row['model']}"
    name += f"@{row['region']}" if row["region"] else ""
    seen = day(row["observed_at"])
    if row["previous_seen_at"]:
        seen = f"{day(row['previous_seen_at'])} … {seen}"
    step = stepped(row["old_usd"], row["new_usd"]) or row["kind"]
    old, new = dollars(row, "old_usd"), dollars(row, "new_usd")
    verdict = row["verdict"] or ""
    verdict += f", {row['reason']}" if row["reason"] not in (None, "", verdict) else ""
    return [seen, name, row["meter"], old, new, step, verdict, row["source"]]
